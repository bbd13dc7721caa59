import type { Tags } from './answer.js';
import type { Experiment } from './api/experiments.js';
import type { CreateLoggedModel, LoggedModel } from './api/logged-models.js';
import type { ModelVersion } from './api/model-version.js';
import type { CreateModelVersion } from './api/model-versions.js';
import type { Run } from './api/run.js';
import type { CreateRun } from './api/runs.js';
import type { MlflowClient } from './client.js';
import { isAlreadyExists, isNotFound, MlflowError } from './errors.js';
import type { CallOptions } from './http.js';

/** What something is found again by: the tag `keyTag` with the value `key`. */
export interface Key {
  key: string;
  /** @default 'mlflow-rest-ts.key' */
  keyTag?: string | undefined;
}

export interface EnsureExperiment extends CallOptions {
  artifactLocation?: string | undefined;
  tags?: Tags | undefined;
}
export type EnsureRun = CreateRun & Key;
export type EnsureLoggedModel = CreateLoggedModel & Key;
export type EnsureModelVersion = CreateModelVersion & Key;

const KEY_TAG = 'mlflow-rest-ts.key';

/** See {@link MlflowClient.ensureExperiment}. */
export async function ensureExperiment(
  client: MlflowClient,
  name: string,
  options: EnsureExperiment,
): Promise<Experiment> {
  const { experiments } = client;
  const found = await orUndefined(experiments.getByName({ ...options, name }));
  const experiment = found ?? (await createExperiment(client, name, options));
  if (experiment.lifecycleStage === 'deleted') {
    throw new MlflowError(`the experiment "${name}" is deleted`, {
      errorCode: 'INVALID_STATE',
      status: 0,
      method: 'GET',
      path: '/api/2.0/mlflow/experiments/get-by-name',
      hint: 'restore it in the UI or with experiments.restore, or use another name',
    });
  }
  return experiment;
}

async function createExperiment(client: MlflowClient, name: string, options: EnsureExperiment) {
  try {
    await client.experiments.create({ ...options, name });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return client.experiments.getByName({ ...options, name });
}

/** See {@link MlflowClient.ensureRun}. */
export async function ensureRun(client: MlflowClient, params: EnsureRun): Promise<Run> {
  const { experimentId } = params;
  const { runs } = await client.runs.search({
    ...callOptions(params),
    experimentIds: [experimentId],
    filter: keyFilter(params),
    orderBy: ['attributes.start_time ASC'],
    maxResults: 1,
  });
  return runs[0] ?? (await client.runs.create({ ...params, tags: keyTags(params) }));
}

/** See {@link MlflowClient.ensureLoggedModel}. */
export async function ensureLoggedModel(
  client: MlflowClient,
  params: EnsureLoggedModel,
): Promise<LoggedModel> {
  const { models } = await client.loggedModels.search({
    ...callOptions(params),
    experimentIds: [params.experimentId],
    filter: keyFilter(params),
    maxResults: 1,
  });
  return models[0] ?? (await client.loggedModels.create({ ...params, tags: keyTags(params) }));
}

/** See {@link MlflowClient.ensureModelVersion}. */
export async function ensureModelVersion(
  client: MlflowClient,
  params: EnsureModelVersion,
): Promise<ModelVersion> {
  const { name } = params;
  const options = callOptions(params);
  if ((await orUndefined(client.registeredModels.get({ ...options, name }))) === undefined) {
    try {
      await client.registeredModels.create({ ...options, name });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  const { modelVersions } = await client.modelVersions.search({
    ...options,
    filter: `name = ${quoted(name)} AND ${keyFilter(params)}`,
    maxResults: 1,
  });
  return (
    modelVersions[0] ?? (await client.modelVersions.create({ ...params, tags: keyTags(params) }))
  );
}

function keyTags({ key, keyTag = KEY_TAG, tags }: Key & { tags?: Tags | undefined }): Tags {
  return { ...tags, [keyTag]: key };
}

function keyFilter({ key, keyTag = KEY_TAG }: Key): string {
  return `tags.\`${keyTag}\` = ${quoted(key)}`;
}

/** A string of MLflow's filter language, which has no escapes. */
function quoted(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new TypeError(`a key or name may not hold both kinds of quotes: ${value}`);
}

function callOptions({ signal, timeoutMs, maxRetries }: CallOptions): CallOptions {
  return { signal, timeoutMs, maxRetries };
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
