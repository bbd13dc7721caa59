import type { MlflowClient } from '../client.js';
import type { WithRun } from '../with-run.js';
import type { Environment } from './environment.js';

/** As {@link WithRun}; the environment says which experiment or run, where this does not. */
export type NodeWithRun = Omit<WithRun, 'experimentId'> & { experimentId?: string | undefined };

/**
 * Where the run is that names no experiment: it is the run `MLFLOW_RUN_ID`, or a new one in `MLFLOW_EXPERIMENT_NAME` (made if there is none), else
 * `MLFLOW_EXPERIMENT_ID`, else the server's default, `0`.
 */
export async function inExperiment(
  client: MlflowClient,
  params: NodeWithRun,
  env: Environment,
): Promise<WithRun> {
  const { experimentId, key, runId } = params;
  if (experimentId !== undefined) return { ...params, experimentId };
  const active = runId ?? (key === undefined ? env.MLFLOW_RUN_ID || undefined : undefined);
  if (active !== undefined) return { ...params, runId: active, experimentId: '' };
  if (!env.MLFLOW_EXPERIMENT_NAME) {
    return { ...params, experimentId: env.MLFLOW_EXPERIMENT_ID || '0' };
  }
  const found = await client.ensureExperiment(env.MLFLOW_EXPERIMENT_NAME);
  return { ...params, experimentId: found.experimentId };
}
