import type { StageContext } from '../pipeline/context.js';
import type { EvalMetrics } from '../pipeline/manifest.js';
import { MISTAKES } from './evaluate.js';

/** MLflow's tag that lists the artifacts which its page shows as tables. */
const TABLES_TAG = 'mlflow.loggedArtifacts';

type Context = Pick<StageContext, 'mlflow' | 'run' | 'signal'>;

/**
 * Logs the figures to MLflow so that its page links them to the model, and to the test split
 * that fetch logged as an input of the run. May be repeated: the same figures leave one point.
 */
export async function logEvaluation(
  { mlflow, run, signal }: Context,
  figures: EvalMetrics,
): Promise<void> {
  const { runId } = run;
  const { data, inputs } = await mlflow.runs.get({ runId, signal });
  const test = inputs.datasets.find(({ tags }) => tags?.['mlflow.data.context'] === 'test');
  const now = Date.now();
  const metrics = Object.entries(namedValues(figures)).map(([key, value]) => ({
    key,
    value,
    // A point is the same as an earlier one if its time is too.
    timestamp: data.metrics[key]?.value === value ? data.metrics[key].timestamp : now,
    modelId: figures.model_id,
    datasetName: test?.dataset.name,
    datasetDigest: test?.dataset.digest,
  }));
  await mlflow.logMetrics(runId, metrics, { signal });
  await mlflow.setTags(runId, { [TABLES_TAG]: withMistakes(data.tags[TABLES_TAG]) }, { signal });
}

/**
 * The metrics by MLflow's names. Its page groups charts by what stands before the slash: the figures
 * themselves, the ends of their intervals, and the accuracy of each slice.
 */
function namedValues({ metrics, slices, reviews_per_second }: EvalMetrics): Record<string, number> {
  const values: Record<string, number> = { 'test/reviews_per_second': reviews_per_second };
  for (const [name, value] of Object.entries(metrics)) {
    const isEnd = name.endsWith('_low') || name.endsWith('_high');
    values[isEnd ? `test_interval/${name}` : `test/${name}`] = value;
  }
  for (const { name, metrics } of slices) values[`test_slice/${name}`] = metrics.accuracy!;
  return values;
}

function withMistakes(tables = '[]'): string {
  const others = (JSON.parse(tables) as { path?: unknown }[]).filter(
    ({ path }) => path !== MISTAKES,
  );
  return JSON.stringify([...others, { path: MISTAKES, type: 'table' }]);
}
