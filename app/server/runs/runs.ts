import { isNotFound, type MlflowClient, type Run } from 'mlflow-rest-ts';

const PIPELINE_TAG = 'ml4.pipeline_id';
const LISTED = 50;

export interface RunSummary {
  runId: string;
  experimentId: string;
  pipelineId: string;
  status: string;
  startTime: number | null;
  endTime: number | null;
  /** The stage that is under way or comes next, as what is logged shows; null: register is done. */
  stage: 'fetch' | 'train' | 'eval' | 'register' | null;
  failedStage: string | null;
  failure: string | null;
  /** Steps of training, done and in all; null: not known. */
  step: number | null;
  steps: number | null;
  devAccuracy: number | null;
  accuracy: number | null;
  gate: string | null;
  model: string;
  dataset: string;
}

export interface Point {
  step: number;
  value: number;
}

export interface RunDetails extends RunSummary {
  params: Record<string, string>;
  curves: Record<'train/loss' | 'dev/loss' | 'dev/accuracy', Point[]>;
}

/** The newest pipelines of an experiment, or of all; none where there is no such experiment. */
export async function listRuns(
  mlflow: MlflowClient,
  experiment: string | null,
): Promise<RunSummary[]> {
  const experimentIds = await experimentsNamed(mlflow, experiment);
  if (experimentIds.length === 0) return [];
  const { runs } = await mlflow.runs.search({
    experimentIds,
    filter: `tags.\`${PIPELINE_TAG}\` != ''`,
    orderBy: ['attributes.start_time DESC'],
    maxResults: LISTED,
  });
  return runs.map(toSummary);
}

async function experimentsNamed(mlflow: MlflowClient, name: string | null): Promise<string[]> {
  if (name === null) {
    const ids: string[] = [];
    for await (const { experimentId } of mlflow.experiments.searchAll()) ids.push(experimentId);
    return ids;
  }
  try {
    return [(await mlflow.experiments.getByName({ name })).experimentId];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** One pipeline with its curves as far as they have grown. */
export async function showRun(mlflow: MlflowClient, runId: string): Promise<RunDetails> {
  const run = await mlflow.runs.get({ runId });
  const curve = (key: string) => curveOf(mlflow, run, key);
  const [trainLoss, devLoss, devAccuracy] = await Promise.all([
    curve('train/loss'),
    curve('dev/loss'),
    curve('dev/accuracy'),
  ]);
  return {
    ...toSummary(run),
    params: run.data.params,
    curves: { 'train/loss': trainLoss, 'dev/loss': devLoss, 'dev/accuracy': devAccuracy },
  };
}

async function curveOf(mlflow: MlflowClient, run: Run, key: string): Promise<Point[]> {
  if (run.data.metrics[key] === undefined) return [];
  const { metrics } = await mlflow.metrics.getHistory({ runId: run.info.runId, key });
  return metrics.map(({ step, value }) => ({ step: Number(step), value }));
}

function toSummary({ info, data, inputs }: Run): RunSummary {
  const { metrics, params, tags } = data;
  const last = (key: string) => metrics[key]?.value ?? null;
  const training = inputs.datasets.find(({ tags }) => tags?.['mlflow.data.context'] === 'train');
  const step = metrics['train/loss'] ? Number(metrics['train/loss'].step) : null;
  const steps = stepsOf(params, training?.dataset.profile);
  const stage = (): RunSummary['stage'] => {
    if (tags['ml4.gate'] !== undefined) return null;
    if (metrics['test/accuracy']) return 'register';
    // The last points of a long curve may be missing: it has 500 at most.
    if (step !== null && steps !== null && step > steps - Math.ceil(steps / 500)) return 'eval';
    return training || step !== null ? 'train' : 'fetch';
  };
  return {
    runId: info.runId,
    experimentId: info.experimentId,
    pipelineId: tags[PIPELINE_TAG] ?? info.runName ?? info.runId,
    status: info.status,
    startTime: info.startTime ?? null,
    endTime: info.endTime || null,
    stage: stage(),
    failedStage: tags['ml4.failed_stage'] ?? null,
    failure: tags['ml4.failure'] ?? null,
    step,
    steps,
    devAccuracy: last('dev/accuracy'),
    accuracy: last('test/accuracy'),
    gate: tags['ml4.gate'] ?? null,
    model: params['model.name'] ?? '',
    dataset: params['dataset.name'] ?? '',
  };
}

function stepsOf(params: Record<string, string>, profile: string | undefined): number | null {
  const rows = rowsOf(profile);
  const batch = Number(params['train.batch_size']);
  const epochs = Number(params['train.epochs']);
  if (rows === null || !(batch > 0) || !(epochs > 0)) return null;
  return Math.ceil(rows / batch) * epochs;
}

function rowsOf(profile: string | undefined): number | null {
  try {
    const { num_rows } = JSON.parse(profile ?? '') as { num_rows?: unknown };
    return typeof num_rows === 'number' ? num_rows : null;
  } catch {
    return null;
  }
}
