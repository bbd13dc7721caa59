import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { joinUri, MlflowClient } from '../src/node/index.js';
import { olderThan, python } from './python.js';
import { sharedServer, uniqueName } from './server.js';

const SCRIPT = join(import.meta.dirname, 'interop.py');

describe.skipIf(await olderThan('3.0'))("MLflow's Python client", () => {
  let client: MlflowClient;
  let uri: string;

  beforeAll(async () => {
    ({ uri } = await sharedServer());
    client = new MlflowClient({ trackingUri: uri });
  });

  it('reads what we write', async () => {
    const name = uniqueName('ours');
    const tags = { team: '가' };
    const experimentId = await client.experiments.create({ name, tags });
    const run = await client.runs.create({
      experimentId,
      runName: '첫 실행',
      tags: { note: 'a\nb' },
    });
    const { runId, artifactUri } = run.info;
    const model = await client.loggedModels.create({
      experimentId,
      name: 'm',
      sourceRunId: runId,
      params: { c: 'd' },
      tags: { a: 'b' },
    });
    const { modelId } = model;
    const on = { modelId, datasetName: 'nsmc', datasetDigest: 'digest' };
    await client.logParams(runId, { lr: '5e-5' });
    await client.logMetrics(runId, [
      { key: 'nan', value: Number.NaN, timestamp: 1 },
      { key: 'up', value: Infinity, step: 2n ** 62n + 1n, timestamp: 2 },
      { key: 'loss', value: 1 / 3, step: 0, timestamp: 3 },
      { key: 'loss', value: 0.25, step: 1, timestamp: 4 },
      { key: 'accuracy', value: 0.9, timestamp: 5, ...on },
    ]);
    const dataset = { name: 'nsmc', digest: 'digest', sourceType: 'local', source: '{}' };
    const context = { 'mlflow.data.context': 'training' };
    await client.runs.logInputs({ runId, datasets: [{ tags: context, dataset }] });
    await client.writeArtifact(joinUri(artifactUri, 'a/보고.txt'), '보고');
    await client.writeArtifact(joinUri(model.artifactUri, 'MLmodel'), 'flavors: {}');
    await client.loggedModels.finalize({ modelId, status: 'READY' });
    await client.runs.logOutputs({ runId, models: [{ modelId, step: 3 }] });
    await client.registeredModels.create({ name, tags: { e: 'f' }, description: '설명' });
    const source = `models:/${modelId}`;
    const { version } = await client.ensureModelVersion({
      ...{ name, source, runId, modelId },
      key: 'k',
      tags: { g: 'h' },
    });
    await client.promote({ name, version, stage: 'Production' });
    await client.runs.update({ runId, status: 'FINISHED', endTime: 9 });

    const read = JSON.parse(
      await python(SCRIPT, 'read', uri, JSON.stringify({ name, runId, modelId })),
    );
    expect(read).toEqual({
      experiment: [name, { team: '가' }],
      run: ['첫 실행', 'FINISHED', 9],
      params: { lr: '5e-5' },
      tags: { note: 'a\nb' },
      metrics: {
        nan: ['nan', '0', 1],
        // The server stores an infinity as the largest double.
        up: ['1.7976931348623157e+308', String(2n ** 62n + 1n), 2],
        loss: ['0.25', '1', 4],
        accuracy: ['0.9', '0', 5],
      },
      history: [
        [0, 1 / 3, 3],
        [1, 0.25, 4],
      ],
      inputs: [['nsmc', 'digest', 'training']],
      outputs: [[modelId, 3]],
      model: ['m', 'READY', 'b', { c: 'd' }],
      modelMetrics: [['accuracy', 0.9, 'nsmc']],
      modelFiles: ['MLmodel'],
      registered: ['설명', { e: 'f' }, { production: '1' }],
      version: ['1', 'Production', source, runId],
      versionTags: 'h',
      text: '보고',
    });
  });

  it('writes what we read', async () => {
    const name = uniqueName('theirs');
    const written = JSON.parse(await python(SCRIPT, 'write', uri, name));
    const { experimentId, runId, modelId } = written as Record<string, string>;
    if (!experimentId || !runId || !modelId) expect.unreachable();

    const experiment = await client.experiments.getByName({ name });
    expect(experiment).toMatchObject({ experimentId, name, tags: { team: '가' } });
    const { info, data, inputs, outputs } = await client.runs.get({ runId });
    expect(info).toMatchObject({ runName: '파이썬', status: 'FINISHED', endTime: 5 });
    expect(data.params).toEqual({ lr: '5e-05' });
    expect(data.tags).toMatchObject({ note: 'a\nb' });
    expect(data.metrics).toMatchObject({
      m0: { value: 0.5, step: 0, timestamp: 1000 },
      m1: { value: Infinity, step: 1 },
      m2: { value: -Infinity, step: 2 },
      m3: { value: Number.NaN, step: 3 },
      m4: { value: 1 / 3, step: 4 },
      big: { value: 1, step: 2n ** 62n + 1n },
    });
    expect(inputs.datasets).toMatchObject([
      { tags: { 'mlflow.data.context': 'training' }, dataset: { name: 'nsmc', digest: 'digest' } },
    ]);
    expect(outputs.models).toEqual([{ modelId, step: 3 }]);
    const text = await client.readArtifact(joinUri(info.artifactUri, 'a/보고.txt'));
    expect(new TextDecoder().decode(text)).toBe('보고');

    const model = await client.loggedModels.get({ modelId });
    expect(model).toMatchObject({ name: 'm', status: 'READY', sourceRunId: runId });
    expect(model).toMatchObject({ tags: { a: 'b' }, params: { c: 'd' } });
    expect(await client.listArtifacts(model.artifactUri)).toMatchObject([{ path: 'MLmodel' }]);
    const registered = await client.registeredModels.get({ name });
    expect(registered).toMatchObject({ description: '설명', tags: { e: 'f' } });
    expect(registered.aliases).toEqual({ champion: '1' });
    expect(registered.latestVersions).toMatchObject([
      {
        version: '1',
        currentStage: 'Staging',
        description: '첫',
        tags: { g: 'h' },
        modelId,
        runId,
      },
    ]);
  });
});
