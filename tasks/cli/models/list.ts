import Table from 'cli-table3';
import { listModels, type RegisteredVersion } from 'model-registry';
import { type ModelOptions, openRegistry, print } from './registry.js';

/** `ml4 models`: every version of the model with stage, accuracy, date and run. */
export async function modelsCommand(options: ModelOptions): Promise<void> {
  const { mlflow, name, versions } = await openRegistry(options);
  if (versions.length === 0) {
    print(
      options.json,
      versions,
      `No version of ${name} is registered yet: \`ml4 run\` makes one.`,
    );
    return;
  }
  const others = options.json ? [] : (await listModels(mlflow)).filter((one) => one.name !== name);
  const more =
    others.length > 0 ? `\nOther models: ${others.map((one) => one.name).join(', ')}` : '';
  print(options.json, versions, `${name}\n${versionsTable(versions)}${more}`);
}

function versionsTable(versions: readonly RegisteredVersion[]): string {
  const table = new Table({
    head: ['Version', 'Stage', 'Aliases', 'Accuracy', '95 %', 'Registered', 'Run'],
    style: { head: [], border: [] },
  });
  for (const {
    version,
    stage,
    aliases,
    accuracy,
    accuracyInterval,
    createdAt,
    runId,
  } of versions) {
    table.push([
      version,
      stage,
      aliases.join(', '),
      accuracy?.toFixed(4) ?? '',
      accuracyInterval
        ? `${accuracyInterval.low.toFixed(4)} to ${accuracyInterval.high.toFixed(4)}`
        : '',
      minute(createdAt),
      runId?.slice(0, 8) ?? '',
    ]);
  }
  return table.toString();
}

/** In UTC: `2026-11-23 14:10`. */
export function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
