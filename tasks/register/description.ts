import type { Comparison } from 'model-registry';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import type { EvalMetrics, FetchManifest } from '../pipeline/manifest.js';
import { pageUrl } from '../pipeline/run.js';

interface Facts {
  config: Config;
  fetched: FetchManifest;
  judged: EvalMetrics;
  comparison: Comparison;
  run: StageContext['run'];
}

/** What the MLflow page shows of a version, as markdown: figures, data set, origin, run. */
export function describeVersion({ config, fetched, judged, comparison, run }: Facts): string {
  const { dataset, pretrained } = fetched;
  const runPage = pageUrl(config, `experiments/${run.experimentId}/runs/${run.runId}`);
  const { accuracy, accuracy_low, accuracy_high } = judged.metrics;
  const interval =
    accuracy_low === undefined || accuracy_high === undefined
      ? ''
      : ` (95 %: ${accuracy_low.toFixed(4)} to ${accuracy_high.toFixed(4)})`;
  return [
    `Accuracy **${accuracy.toFixed(4)}**${interval} on ${judged.rows} test texts.`,
    '',
    ...against(comparison),
    `- Data set: ${dataset.name}, ${dataset.splits.train.rows} training texts, sha256 \`${dataset.sha256}\``,
    `- Pretrained: ${pretrained.name}, revision ${pretrained.revision}`,
    `- Labels: ${dataset.labels.join(', ')}`,
    `- [Run](${runPage})`,
  ].join('\n');
}

function against({ verdict, champion, reasons }: Comparison): string[] {
  if (verdict === null) return [];
  const heading = `Against version ${champion?.version}, then in Production: **${verdict}**.`;
  return [heading, '', ...reasons.map((reason) => `- ${reason}`), ''];
}
