import type { Run, RunStatus } from './api/run.js';
import type { CreateRun } from './api/runs.js';
import type { MlflowClient } from './client.js';
import type { Key } from './ensure/key.js';
import { MetricLogger } from './metric-logger.js';

/** The run as {@link MlflowClient.withRun} hands it out. */
export interface ActiveRun {
  run: Run;
  runId: string;
  /** Logs metrics in the background; all are sent before the run ends. */
  metrics: MetricLogger;
  /** Aborted when the run is to be KILLED. */
  signal: AbortSignal;
}

/** A new run; or the run of this id or key, which is RUNNING again. */
export interface WithRun extends CreateRun, Partial<Key> {
  /** Of a run that is to go on. */
  runId?: string | undefined;
}

/** See {@link MlflowClient.withRun}. */
export async function withRun<T>(
  client: MlflowClient,
  params: WithRun,
  work: (active: ActiveRun) => Promise<T>,
): Promise<T> {
  const run = await begin(client, params);
  const { runId } = run.info;
  const signal = params.signal ?? new AbortController().signal;
  const metrics = new MetricLogger(client, runId);
  let status: RunStatus = 'FAILED';
  try {
    const result = await work({ run, runId, metrics, signal });
    await metrics.close();
    status = 'FINISHED';
    return result;
  } finally {
    if (status === 'FAILED') {
      if (signal.aborted) status = 'KILLED';
      // The error of the work is the one to be thrown, not that of the metrics.
      await metrics.close().catch(() => undefined);
    }
    await end(client, runId, status);
  }
}

async function begin(client: MlflowClient, params: WithRun): Promise<Run> {
  const { signal, runId, key } = params;
  if (runId === undefined && key === undefined) return client.runs.create(params);
  const run =
    runId === undefined
      ? await client.ensureRun({ ...params, key: key ?? '' })
      : await client.runs.get({ runId, signal });
  if (run.info.status !== 'RUNNING') {
    await client.runs.update({ runId: run.info.runId, status: 'RUNNING', signal });
  }
  return run;
}

/** The signal that ended the work does not keep its status from being written. */
async function end(client: MlflowClient, runId: string, status: RunStatus): Promise<void> {
  const updated = client.runs.update({ runId, status, endTime: Date.now() });
  if (status === 'FINISHED') await updated;
  // The error of the work is the one to be thrown.
  else await updated.catch(() => undefined);
}
