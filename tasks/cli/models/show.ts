import Table from 'cli-table3';
import { selectVersion, showVersion, type VersionDetails } from 'model-registry';
import { pageUrl } from '../../pipeline/run.js';
import { comparisonText } from './compare.js';
import { changeText } from './history.js';
import { minute } from './list.js';
import { checkNotEmpty, type ModelOptions, openRegistry, print, versionNamed } from './registry.js';

/** `ml4 models show`: figures, data, run and history of a version; of the one in Production if none is named. */
export async function showCommand(
  argument: string | undefined,
  options: ModelOptions,
): Promise<void> {
  const registry = await openRegistry(options);
  checkNotEmpty(registry);
  const { config, mlflow, name, versions } = registry;
  const { version } = argument ? versionNamed(registry, argument) : selectVersion(versions, {})!;
  const details = await showVersion(mlflow, { name, version });
  const page = pageUrl(config, `models/${encodeURIComponent(name)}/versions/${version}`);
  print(options.json, details, `${detailsText(details)}\n${page}`);
}

function detailsText(details: VersionDetails): string {
  const { evaluation, data, pretrained, run, training, comparison, history } = details;
  const table = new Table({
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
  });
  table.push(['Stage', [details.stage, ...details.aliases.map((one) => `@${one}`)].join('  ')]);
  for (const [name, value] of Object.entries(evaluation?.metrics ?? {})) {
    if (name.endsWith('_low') || name.endsWith('_high')) continue;
    const [low, high] = [evaluation?.metrics[`${name}_low`], evaluation?.metrics[`${name}_high`]];
    const interval =
      low === undefined || high === undefined
        ? ''
        : `  95 %: ${low.toFixed(4)} to ${high.toFixed(4)}`;
    table.push([name, `${value.toFixed(4)}${interval}`]);
  }
  if (evaluation?.latency) {
    const { median_ms, p95_ms } = evaluation.latency;
    table.push(['one text', `${median_ms.toFixed(1)} ms, 95 % below ${p95_ms.toFixed(1)} ms`]);
  }
  for (const { name, rows, metrics } of evaluation?.slices ?? []) {
    table.push([`  ${name}`, `${metrics.accuracy?.toFixed(4) ?? ''}  of ${rows} texts`]);
  }
  if (training)
    table.push(['best weights', `epoch ${training.best.epoch}, step ${training.best.step}`]);
  if (data) {
    table.push([
      'data',
      `${data.name}, ${data.rows.train} training texts, revision ${data.revision}`,
    ]);
    table.push(['labels', data.labels.join(', ')]);
  }
  if (pretrained) table.push(['pretrained', `${pretrained.name}, revision ${pretrained.revision}`]);
  if (run) {
    const commit = run.commit ? `, commit ${run.commit.slice(0, 8)}` : '';
    table.push(['run', `${run.name} (${run.runId})${commit}`]);
  }
  table.push(['registered', minute(details.createdAt)]);
  const lines = [`${details.name} ${details.version}`, table.toString()];
  if (comparison?.verdict) lines.push('When it was registered:', comparisonText(comparison));
  if (history.length > 0)
    lines.push('History:', ...history.map((change) => `  ${changeText(change)}`));
  return lines.join('\n');
}
