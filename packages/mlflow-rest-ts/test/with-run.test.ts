import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../src/node/index.js';
import { sharedServer, uniqueName } from './server.js';

let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
  experimentId = (await client.ensureExperiment(uniqueName('with-run'))).experimentId;
});

describe('withRun ends the run', () => {
  it('as FINISHED, with all that was logged', async () => {
    const runId = await client.withRun({ experimentId }, async ({ runId, metrics }) => {
      for (let step = 0; step < 2345; step++) metrics.log({ loss: step }, { step });
      expect((await client.runs.get({ runId })).info.status).toBe('RUNNING');
      return runId;
    });
    const { info, data } = await client.runs.get({ runId });
    expect(info).toMatchObject({ status: 'FINISHED', endTime: expect.any(Number) });
    expect(data.metrics.loss).toMatchObject({ value: 2344, step: 2344 });
  });

  it('as FAILED when the work throws, and throws it on', async () => {
    const key = uniqueName('failing');
    const work = client.withRun({ experimentId, key }, async ({ metrics }) => {
      metrics.log({ loss: 1 });
      throw new Error('no more memory');
    });
    await expect(work).rejects.toThrow('no more memory');
    const { info, data } = await client.ensureRun({ experimentId, key });
    expect(info.status).toBe('FAILED');
    expect(data.metrics.loss?.value).toBe(1);
  });

  it('as KILLED when the signal is aborted', async () => {
    const key = uniqueName('killed');
    const abort = new AbortController();
    const work = client.withRun({ experimentId, key, signal: abort.signal }, async ({ signal }) => {
      abort.abort(new Error('enough'));
      signal.throwIfAborted();
    });
    await expect(work).rejects.toThrow('enough');
    expect((await client.ensureRun({ experimentId, key })).info.status).toBe('KILLED');
  });

  it('as KILLED when the process is, with what waited in the logger', async () => {
    const program = join(import.meta.dirname, 'killed-run.mjs');
    const child = spawn(process.execPath, [program, client.trackingUri, experimentId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve([code, signal])),
    );
    const runId = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data) => resolve(String(data).trim())),
    );
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    const { info, data } = await client.runs.get({ runId });
    expect(info.status).toBe('KILLED');
    expect(data.metrics.loss?.value).toBe(0.5);
  });

  it('of many at once, by one listener to the signals of the process', async () => {
    const before = process.listenerCount('SIGTERM');
    const counts = await Promise.all(
      Array.from({ length: 12 }, () =>
        client.withRun({ experimentId }, async () => process.listenerCount('SIGTERM')),
      ),
    );
    expect(Math.max(...counts)).toBe(before + 1);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('that goes on from one that had ended', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    await client.runs.update({ runId, status: 'FAILED' });
    const seen = await client.withRun({ runId }, async (active) => active.runId);
    expect(seen).toBe(runId);
    expect((await client.runs.get({ runId })).info.status).toBe('FINISHED');
  });
});

describe('the metric logger', () => {
  it('keeps what the server would not take, and says so', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const logger = client.metricLogger(runId);
    await client.runs.delete({ runId });
    logger.log({ loss: 1 });
    await expect(logger.flush()).rejects.toMatchObject({ errorCode: 'INVALID_PARAMETER_VALUE' });
    await client.runs.restore({ runId });
    await logger.close();
    expect((await client.runs.get({ runId })).data.metrics.loss?.value).toBe(1);
    expect(() => logger.log({ loss: 2 })).toThrow('closed');
  });

  it('sends by itself before the process ends', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const program = join(import.meta.dirname, 'ended-logger.mjs');
    const child = spawn(process.execPath, [program, client.trackingUri, runId], {
      stdio: 'inherit',
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect((await client.runs.get({ runId })).data.metrics.loss).toMatchObject({
      value: 1499,
      step: 1499,
    });
  });
});
