import type { StageContext } from '../pipeline/context.js';
import type { EvalMetrics, FetchManifest } from '../pipeline/manifest.js';
import { MISTAKES } from './evaluate.js';

/** MLflow's tag that lists the artifacts which its page shows as tables. */
const TABLES_TAG = 'mlflow.loggedArtifacts';

type Context = Pick<StageContext, 'mlflow' | 'run' | 'signal'>;

/**
 * Logs the figures to MLflow so that its page links them to the model and to the test split. May be
 * repeated: the same figures leave one point.
 */
export async function logEvaluation(
  { mlflow, run, signal }: Context,
  figures: EvalMetrics,
  dataset: FetchManifest['dataset'],
): Promise<void> {
  const { runId } = run;
  const input = testInput(dataset);
  await mlflow.runs.logInputs({ runId, datasets: [input], signal });

  const { data } = await mlflow.runs.get({ runId, signal });
  const now = Date.now();
  const metrics = Object.entries(namedValues(figures)).map(([key, value]) => ({
    key,
    value,
    // A point is the same as an earlier one if its time is too.
    timestamp: data.metrics[key]?.value === value ? data.metrics[key].timestamp : now,
    modelId: figures.model_id,
    datasetName: input.dataset.name,
    datasetDigest: input.dataset.digest,
  }));
  await mlflow.logMetrics(runId, metrics, { signal });
  await mlflow.setTags(runId, { [TABLES_TAG]: withMistakes(data.tags[TABLES_TAG]) }, { signal });
}

/** The test split as MLflow knows a data set: by its name and a digest of 36 characters at most. */
function testInput({ name, splits: { test } }: FetchManifest['dataset']) {
  return {
    tags: { 'mlflow.data.context': 'test' },
    dataset: {
      name,
      digest: test.sha256.slice(0, 36),
      sourceType: 'local',
      source: JSON.stringify({ uri: test.path }),
      profile: JSON.stringify({ num_rows: test.rows }),
    },
  };
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
