import { beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, type MlflowError } from '../src/node/index.js';
import { sharedServer, uniqueName } from './server.js';

describe('runs', () => {
  let client: MlflowClient;
  let experimentId: string;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    experimentId = await client.experiments.create({ name: uniqueName('runs') });
  });

  it('come back as they were logged', async () => {
    const created = await client.runs.create({
      experimentId,
      runName: '첫 실행',
      startTime: 1_700_000_000_000,
      tags: { team: '가' },
    });
    const { runId } = created.info;
    const dataset = { name: 'nsmc', digest: 'abc', sourceType: 'local', source: '{"uri":"a"}' };
    await client.runs.logParameter({ runId, key: 'lr', value: '5e-5' });
    await client.runs.setTag({ runId, key: 'note', value: 'a\nb' });
    await client.runs.logMetric({ runId, key: 'loss', value: 0.5, step: 3, timestamp: 12 });
    await client.runs.logInputs({ runId, datasets: [{ tags: { a: 'b' }, dataset }] });
    await client.runs.update({ runId, status: 'FINISHED', endTime: 1_700_000_000_001 });

    const run = await client.runs.get({ runId });

    expect(run.info).toMatchObject({
      runName: '첫 실행',
      status: 'FINISHED',
      startTime: 1_700_000_000_000,
      endTime: 1_700_000_000_001,
    });
    expect(run.data.params).toEqual({ lr: '5e-5' });
    expect(run.data.tags).toMatchObject({ team: '가', note: 'a\nb' });
    expect(run.data.metrics.loss).toMatchObject({ value: 0.5, step: 3, timestamp: 12 });
    expect(run.inputs.datasets).toMatchObject([{ tags: { a: 'b' }, dataset }]);
  });

  it('take NaN, infinities and 64-bit steps, and give them back', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const big = 2n ** 62n + 1n;
    await client.logMetrics(runId, [
      { key: 'nan', value: Number.NaN },
      { key: 'up', value: Infinity, step: big },
      { key: 'down', value: -Infinity, step: -1 },
    ]);
    const { metrics } = (await client.runs.get({ runId })).data;
    expect(metrics.nan?.value).toBeNaN();
    expect(metrics.up).toMatchObject({ value: Infinity, step: big });
    expect(metrics.down).toMatchObject({ value: -Infinity, step: -1 });
  });

  it('take more metrics, params and tags than one call may hold', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const numbered = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k${i}`, `${i}`]));
    await client.logMetrics(
      runId,
      Array.from({ length: 2500 }, (_, step) => ({ key: 'loss', value: step, step })),
    );
    await client.logParams(runId, numbered);
    await client.setTags(runId, numbered);

    const history = [];
    for await (const metric of client.metrics.getHistoryAll({
      runId,
      key: 'loss',
      maxResults: 1000,
    })) {
      history.push(metric.step);
    }
    expect(history.sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 2500 }, (_, i) => i),
    );
    const run = await client.runs.get({ runId });
    expect(run.data.params).toEqual(numbered);
    expect(run.data.tags).toMatchObject(numbered);
  });

  it('are searched page after page', async () => {
    const id = await client.experiments.create({ name: uniqueName('pages') });
    for (let i = 0; i < 7; i++) {
      await client.runs.create({ experimentId: id, runName: `r${i}`, startTime: 1000 + i });
    }
    const names = [];
    for await (const run of client.runs.searchAll({ experimentIds: [id], maxResults: 3 })) {
      names.push(run.info.runName);
    }
    expect(names).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
  });

  it('say what is wrong: the code, the call and the reason', async () => {
    const failure = client.runs.get({ runId: '0'.repeat(32) });
    await expect(failure).rejects.toMatchObject({
      name: 'MlflowError',
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
      status: 404,
      method: 'GET',
      path: '/api/2.0/mlflow/runs/get',
    } satisfies Partial<MlflowError>);
  });

  it('are made once for a key', async () => {
    const key = uniqueName('pipeline');
    const first = await client.ensureRun({ experimentId, key, runName: 'once' });
    const second = await client.ensureRun({ experimentId, key, runName: 'once' });
    expect(second.info.runId).toBe(first.info.runId);
  });
});
