import { resolve } from 'node:path';
import {
  isNotFound,
  MlflowAnswerError,
  MlflowClient,
  MlflowConnectionError,
  MlflowError,
  MlflowTimeoutError,
  type Run,
} from 'mlflow-rest-ts';
import { type Config, flattenConfig, identity } from './config.js';
import type { StageContext, StageName } from './context.js';
import { InputError, MlflowUnreachable } from './errors.js';
import { projectRoot } from './project.js';
import { provenanceTags } from './provenance.js';
import { openVolume } from './volume.js';

/** What the run is about. Written through the server, it also shows whether its folder is mounted. */
const PROBE = 'pipeline.json';
/** The tag by which the run of a pipeline is found again. */
const PIPELINE_TAG = 'ml4.pipeline_id';
/** The stage that the pipeline stopped in, and why; absent while all is well. */
export const FAILED_STAGE_TAG = 'ml4.failed_stage';
export const FAILURE_TAG = 'ml4.failure';

/** @throws InputError where MLFLOW_TRACKING_URI is no http(s) address. */
export function trackingUri(config: Config): string {
  const uri = config.tracking.uri ?? (process.env.MLFLOW_TRACKING_URI || 'http://127.0.0.1:5050');
  if (/^https?:/.test(uri) && URL.canParse(uri)) return uri;
  throw new InputError(`The address of the MLflow server is not an http(s) address: ${uri}.`, {
    fix: 'Correct MLFLOW_TRACKING_URI or tracking.uri, such as http://127.0.0.1:5050.',
  });
}

export function volumeRoot(config: Config): string {
  return resolve(projectRoot, config.tracking.volume);
}

/** The page of a run or model version, as a person's browser reaches it. */
export function pageUrl(config: Config, page: string): string {
  const base = new URL(config.tracking.public_uri ?? trackingUri(config));
  base.username = '';
  base.password = '';
  return `${base.href.replace(/\/$/, '')}/#/${page}?workflowType=machine_learning`;
}

export type OpenRun = Pick<StageContext, 'pipelineId' | 'mlflow' | 'run' | 'volume'>;

/**
 * Finds the MLflow run of a pipeline, or makes it, and marks it as running. May be called again by
 * each stage: it makes no second run.
 *
 * @throws InputError where the pipeline was started with a configuration that computes something else.
 * @throws MlflowUnreachable
 */
export async function openRun(config: Config, pipelineId: string): Promise<OpenRun> {
  const server = await openTracking(config);
  const found = await findRun(server, config, pipelineId);
  checkSameConfig(found, config, pipelineId);
  await logConfig(server, found, config);
  await server.runs.update({ runId: found.info.runId, status: 'RUNNING' });
  const { runId, experimentId, artifactUri } = found.info;
  const run = { runId, experimentId, artifactUri };
  const record = { version: 1, pipeline_id: pipelineId, run_id: runId, config };
  await server.writeArtifact(`${artifactUri}/${PROBE}`, `${JSON.stringify(record, null, 2)}\n`);
  const { mlflow, volume } = openVolume({
    mlflow: server,
    trackingUri: trackingUri(config),
    run,
    root: volumeRoot(config),
    probe: PROBE,
  });
  return { pipelineId, mlflow, run, volume };
}

/**
 * The client of the server that a configuration names, after it has answered once.
 *
 * @throws MlflowUnreachable after a few seconds where it does not, or another program does.
 */
export async function openTracking(config: Config): Promise<MlflowClient> {
  const uri = trackingUri(config);
  const mlflow = new MlflowClient({ trackingUri: uri });
  try {
    await mlflow.experiments.search({ maxResults: 1, maxRetries: 1, timeoutMs: 20_000 });
  } catch (error) {
    if (error instanceof MlflowConnectionError || error instanceof MlflowTimeoutError) {
      throw new MlflowUnreachable(mlflow.trackingUri, error.reason, error);
    }
    if (isOfAnotherProgram(error)) {
      throw new MlflowUnreachable(mlflow.trackingUri, 'what answers there is not MLflow', error);
    }
    throw error;
  }
  return mlflow;
}

/** MLflow answers in JSON, with error codes of its own; it or a proxy may be refusing or busy. */
function isOfAnotherProgram(error: unknown): error is MlflowError {
  if (error instanceof MlflowAnswerError) return true;
  return error instanceof MlflowError && [404, 405, 501].includes(error.status);
}

export type RunStatus = 'FINISHED' | 'FAILED' | 'KILLED';

export async function endRun(
  { mlflow, run }: Pick<OpenRun, 'mlflow' | 'run'>,
  status: RunStatus,
): Promise<void> {
  await mlflow.runs.update({ runId: run.runId, status, endTime: Date.now() });
}

/** Says on the run which stage failed, for notify and for the page. */
export async function recordFailure(
  { mlflow, run }: Pick<OpenRun, 'mlflow' | 'run'>,
  stage: StageName,
  message: string,
): Promise<void> {
  const tags = { [FAILED_STAGE_TAG]: stage, [FAILURE_TAG]: message.slice(0, 500) };
  await mlflow.setTags(run.runId, tags);
}

export async function clearFailure({
  mlflow,
  run,
}: Pick<OpenRun, 'mlflow' | 'run'>): Promise<void> {
  for (const key of [FAILED_STAGE_TAG, FAILURE_TAG]) {
    await mlflow.runs.deleteTag({ runId: run.runId, key }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

async function findRun(mlflow: MlflowClient, config: Config, pipelineId: string): Promise<Run> {
  const { experimentId } = await mlflow.ensureExperiment(config.tracking.experiment);
  return mlflow.ensureRun({
    experimentId,
    keyTag: PIPELINE_TAG,
    key: pipelineId,
    runName: pipelineId,
    tags: await provenanceTags(),
  });
}

function checkSameConfig(run: Run, config: Config, pipelineId: string): void {
  const before = run.data.params;
  for (const [key, value] of Object.entries(identity(config))) {
    if (before[key] === undefined || before[key] === value) continue;
    throw new InputError(
      `Pipeline ${pipelineId} was started with ${key}=${before[key]}; now it is ${value}.`,
      { fix: 'Use the same configuration, or another --pipeline.' },
    );
  }
}

/** MLflow refuses to change a param, so only those that are not there yet are logged. */
async function logConfig(mlflow: MlflowClient, run: Run, config: Config): Promise<void> {
  const missing = Object.entries(flattenConfig(config)).filter(
    ([key]) => run.data.params[key] === undefined,
  );
  await mlflow.logParams(run.info.runId, Object.fromEntries(missing));
}
