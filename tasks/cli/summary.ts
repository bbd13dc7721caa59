import Table from 'cli-table3';
import pc from 'picocolors';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type EvalMetrics, type RegisterResult, readManifest } from '../pipeline/manifest.js';
import { pageUrl } from '../pipeline/run.js';

/** What a finished pipeline brought, for people and as ids and figures. */
export interface Summary {
  /** Figures, gate and version, and below them where to look. */
  table: string;
  result: Result;
}

export async function summarize(config: Config, context: StageContext): Promise<Summary> {
  const { pipelineId, run, volume } = context;
  const judged = await readManifest(volume, 'eval/metrics.json');
  const registered = await readManifest(volume, 'register/result.json');
  const table = new Table({
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] }, // its own colors also go into files and pipes
  });
  table.push(
    ['Pipeline', pipelineId],
    ['Test texts', `${judged.rows} at ${Math.round(judged.reviews_per_second)} a second`],
    ...metricRows(judged),
    ['Gate', `${registered.passed ? pc.green('✔') : pc.yellow('✖')} ${registered.reason}`],
    ...championRows(registered),
    ['Model version', versionText(registered)],
  );
  const links = [
    `Run       ${pageUrl(config, `experiments/${run.experimentId}/runs/${run.runId}`)}`,
  ];
  if (registered.model_version) {
    const name = encodeURIComponent(registered.registered_name);
    const page = `models/${name}/versions/${registered.model_version}`;
    links.push(`Registry  ${pageUrl(config, page)}`);
  }
  return {
    table: `${table.toString()}\n${links.join('\n')}`,
    result: {
      pipeline_id: pipelineId,
      run_id: run.runId,
      model_id: judged.model_id,
      accuracy: judged.metrics.accuracy,
      gate_passed: registered.passed,
      verdict: registered.verdict,
      registered_name: registered.registered_name,
      model_version: registered.model_version,
      stage: registered.stage,
    },
  };
}

const SHOWN: [metric: string, title: string][] = [
  ['accuracy', 'Accuracy'],
  ['precision', 'Precision'],
  ['recall', 'Recall'],
  ['f1', 'F1'],
  ['roc_auc', 'ROC-AUC'],
  ['ece', 'Calibration error'],
];

function metricRows({ metrics }: EvalMetrics): [string, string][] {
  return SHOWN.flatMap(([name, title]) => {
    const value = metrics[name];
    if (value === undefined) return [];
    const [low, high] = [metrics[`${name}_low`], metrics[`${name}_high`]];
    const interval =
      low === undefined || high === undefined
        ? ''
        : pc.dim(`  95 %: ${low.toFixed(4)} to ${high.toFixed(4)}`);
    return [[title, `${value.toFixed(4)}${interval}`]];
  });
}

const VERDICT_COLORS = {
  better: pc.green,
  equal: pc.cyan,
  worse: pc.red,
  'not comparable': pc.yellow,
} as const;

/** How the model compares with the one in Production; no row where there was none. */
function championRows({ champion, verdict, comparison }: RegisterResult): [string, string][] {
  if (!champion || !verdict) return [];
  const lines = comparison.flatMap((reason) => wrap(reason, 72));
  return [
    [
      `Against version ${champion.version}`,
      [VERDICT_COLORS[verdict](verdict), ...lines].join('\n'),
    ],
  ];
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function versionText({ passed, registered_name, model_version, stage }: RegisterResult): string {
  if (model_version) return `${registered_name} ${model_version}, stage ${stage}`;
  return passed ? 'not registered, as answered' : 'not registered';
}
