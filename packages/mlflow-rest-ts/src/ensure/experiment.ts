import type { Tags } from '../answer.js';
import type { Experiment } from '../api/experiments.js';
import type { MlflowClient } from '../client.js';
import { isAlreadyExists, MlflowError } from '../errors.js';
import type { CallOptions } from '../http.js';
import { orUndefined } from './key.js';

export interface EnsureExperiment extends CallOptions {
  /** Where artifacts of its runs lie, if it is made. @default the server's artifact root */
  artifactLocation?: string | undefined;
  /** Its tags, if it is made. */
  tags?: Tags | undefined;
}

/** See {@link MlflowClient.ensureExperiment}. */
export async function ensureExperiment(
  client: MlflowClient,
  name: string,
  options: EnsureExperiment,
): Promise<Experiment> {
  const found = await orUndefined(client.experiments.getByName({ ...options, name }));
  const experiment = found ?? (await create(client, name, options));
  if (experiment.lifecycleStage === 'deleted') {
    throw new MlflowError(`the experiment "${name}" is deleted`, {
      errorCode: 'INVALID_STATE',
      status: 0,
      method: 'GET',
      path: '/api/2.0/mlflow/experiments/get-by-name',
      hint: 'restore it, in the UI or with experiments.restore, or use another name',
    });
  }
  return experiment;
}

/** Names of experiments are unique on the server, so that a race ends in one experiment. */
async function create(client: MlflowClient, name: string, options: EnsureExperiment) {
  try {
    await client.experiments.create({ ...options, name });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return client.experiments.getByName({ ...options, name });
}
