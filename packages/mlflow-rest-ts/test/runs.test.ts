import { beforeAll, describe, expect, it } from 'vitest';
import { isInvalidParameter, joinUri, MlflowClient, type MlflowError } from '../src/node/index.js';
import { olderThan } from './python.js';
import { sharedServer, uniqueName } from './server.js';

const isOld = await olderThan('3.0');

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
    await client.runs.logParameter({ runId, key: 'lr', value: '5e-5' });
    await client.runs.setTag({ runId, key: 'note', value: 'a\nb' });
    await client.runs.logMetric({ runId, key: 'loss', value: 0.5, step: 3, timestamp: 12 });
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

  it.skipIf(isOld)('know the data sets that they read', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const dataset = { name: 'nsmc', digest: 'abc', sourceType: 'local', source: '{"uri":"a"}' };
    await client.runs.logInputs({ runId, datasets: [{ tags: { a: 'b' }, dataset }] });
    const { inputs } = await client.runs.get({ runId });
    expect(inputs.datasets).toMatchObject([{ tags: { a: 'b' }, dataset }]);
  });

  it.skipIf(isOld)('have their metrics thinned out for a chart', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const metrics = Array.from({ length: 100 }, (_, step) => ({ key: 'loss', value: step, step }));
    await client.logMetrics(runId, metrics);
    const points = await client.metrics.getHistoryBulkInterval({
      runIds: [runId],
      key: 'loss',
      startStep: 10,
      endStep: 89,
      maxResults: 10,
    });
    expect(points[0]).toMatchObject({ runId, key: 'loss', value: 10, step: 10 });
    expect(points.at(-1)).toMatchObject({ value: 89, step: 89 });
    expect(points.length).toBeLessThan(20);
  });

  it('are deleted and restored, and lose tags', async () => {
    const tags = { a: 'b', c: 'd' };
    const { runId } = (await client.runs.create({ experimentId, tags })).info;
    await client.runs.deleteTag({ runId, key: 'a' });
    await client.runs.delete({ runId });
    const deleted = await client.runs.get({ runId });
    expect(deleted.info.lifecycleStage).toBe('deleted');
    expect(deleted.data.tags).toMatchObject({ c: 'd' });
    expect(deleted.data.tags).not.toHaveProperty('a');
    await client.runs.restore({ runId });
    expect((await client.runs.get({ runId })).info.lifecycleStage).toBe('active');
  });

  it('take a batch of metrics, params and tags, and a model of MLflow 2', async () => {
    const { runId, artifactUri } = (await client.runs.create({ experimentId })).info;
    await client.runs.logBatch({
      runId,
      metrics: [{ key: 'm', value: 1 }],
      params: { p: 'q' },
      tags: { t: 'u' },
    });
    const utc_time_created = '2026-11-23 09:00:00.000000';
    const flavors = { python_function: { loader_module: 'x' } };
    const model = { artifact_path: 'model', run_id: runId, utc_time_created, flavors };
    await client.runs.logModel({ runId, modelJson: JSON.stringify(model) });
    await client.writeArtifact(joinUri(artifactUri, 'a/b.txt'), 'b');

    const { data } = await client.runs.get({ runId });
    expect(data).toMatchObject({ metrics: { m: { value: 1 } }, params: { p: 'q' } });
    expect(data.tags).toMatchObject({ t: 'u' });
    expect(JSON.parse(data.tags['mlflow.log-model.history'] ?? '')).toMatchObject([model]);
    const files = [];
    for await (const file of client.artifacts.listAll({ runId, path: 'a' })) files.push(file);
    expect(files).toEqual([{ path: 'a/b.txt', isDir: false, fileSize: 1 }]);
  });

  it('keep the value of a param', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    await client.runs.logParameter({ runId, key: 'lr', value: '1' });
    await client.runs.logParameter({ runId, key: 'lr', value: '1' });
    const failure = client.runs.logParameter({ runId, key: 'lr', value: '2' });
    await expect(failure).rejects.toSatisfy(isInvalidParameter);
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
});
