import type { StageContext } from '../pipeline/context.js';
import type { EvalMetrics, FetchManifest } from '../pipeline/manifest.js';
import { MISTAKES } from './evaluate.js';

/** MLflow's tag that lists the artifacts which its page shows as tables. */
const TABLES_TAG = 'mlflow.loggedArtifacts';

type Context = Pick<StageContext, 'mlflow' | 'run' | 'signal'>;

/**
 * Logs the figures to MLflow so that its page links them to the model and to the test split. Its
 * charts are grouped by what stands before the slash: `test/accuracy` and the other figures,
 * `test_interval/accuracy_low` and `_high`, and `test_slice/negation` for the accuracy of a slice.
 * May be repeated: the same figures leave one point.
 */
export async function logEvaluation(
  { mlflow, run, signal }: Context,
  { model_id, metrics, slices, reviews_per_second }: EvalMetrics,
  dataset: FetchManifest['dataset'],
): Promise<void> {
  const values: Record<string, number> = { 'test/reviews_per_second': reviews_per_second };
  for (const [name, value] of Object.entries(metrics)) {
    values[/_(low|high)$/.test(name) ? `test_interval/${name}` : `test/${name}`] = value;
  }
  for (const { name, metrics } of slices) values[`test_slice/${name}`] = metrics.accuracy!;

  const { data } = await mlflow.runs.get({ runId: run.runId, signal });
  const timestamp = Date.now();
  await mlflow.logMetrics(
    run.runId,
    Object.entries(values).map(([key, value]) => ({
      key,
      value,
      // A point is the same as an earlier one if its time is too.
      timestamp: data.metrics[key]?.value === value ? data.metrics[key].timestamp : timestamp,
      modelId: model_id,
      datasetName: dataset.name,
      datasetDigest: dataset.splits.test.sha256.slice(0, 36),
    })),
    { signal },
  );
  await mlflow.setTags(run.runId, { [TABLES_TAG]: withTable(data.tags[TABLES_TAG]) }, { signal });
}

function withTable(before = '[]'): string {
  const tables: { path?: unknown }[] = JSON.parse(before);
  const others = tables.filter(({ path }) => path !== MISTAKES);
  return JSON.stringify([...others, { path: MISTAKES, type: 'table' }]);
}
