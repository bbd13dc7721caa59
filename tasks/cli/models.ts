import Table from 'cli-table3';
import { listVersions } from 'model-registry';
import { openTracking } from '../pipeline/run.js';
import { type CommonOptions, configOf } from './options.js';

/** `ml4 models`: every version of the configured model with its stage and accuracy. */
export async function modelsCommand(options: CommonOptions & { json?: true }): Promise<void> {
  const config = await configOf(options);
  const name = config.model.registered_name;
  const versions = await listVersions(await openTracking(config), name);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(versions)}\n`);
    return;
  }
  if (versions.length === 0) {
    process.stdout.write(`No version of ${name} is registered yet: \`ml4 run\` makes one.\n`);
    return;
  }
  const table = new Table({
    head: ['Version', 'Stage', 'Aliases', 'Accuracy', 'Registered'],
    style: { head: [], border: [] },
  });
  for (const { version, stage, aliases, accuracy, createdAt } of versions) {
    table.push([
      version,
      stage,
      aliases.join(', '),
      accuracy?.toFixed(4) ?? '',
      createdAt.toISOString().slice(0, 16).replace('T', ' '),
    ]);
  }
  process.stdout.write(`${name}\n${table.toString()}\n`);
}
