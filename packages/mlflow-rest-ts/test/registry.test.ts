import { beforeAll, describe, expect, it } from 'vitest';
import { isAlreadyExists, isNotFound, joinUri, MlflowClient } from '../src/node/index.js';
import { sharedServer, uniqueName } from './server.js';

describe('the model registry', () => {
  let client: MlflowClient;
  let experimentId: string;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    experimentId = (await client.ensureExperiment(uniqueName('registry'))).experimentId;
  });

  it('links run, logged model and version', async () => {
    const run = await client.runs.create({ experimentId });
    const { runId } = run.info;
    const model = await client.loggedModels.create({
      experimentId,
      name: 'classifier',
      modelType: 'classifier',
      sourceRunId: runId,
      params: { layers: '2' },
      tags: { a: 'b' },
    });
    expect(model).toMatchObject({ status: 'PENDING', params: { layers: '2' }, tags: { a: 'b' } });
    const { modelId } = model;
    await client.writeArtifact(joinUri(model.artifactUri, 'MLmodel'), 'flavors: {}\n');
    await client.loggedModels.finalize({ modelId, status: 'READY' });
    await client.runs.logOutputs({ runId, models: [{ modelId }] });
    await client.logMetrics(runId, [
      { key: 'accuracy', value: 0.9, modelId, datasetName: 'nsmc', datasetDigest: 'abc' },
    ]);
    const version = await client.ensureModelVersion({
      name: uniqueName('linked'),
      source: `models:/${modelId}`,
      runId,
      modelId,
      key: 'once',
    });

    expect(version).toMatchObject({ version: '1', runId, modelId, status: 'READY' });
    const read = await client.loggedModels.get({ modelId });
    expect(read.status).toBe('READY');
    expect(read.metrics).toMatchObject([{ key: 'accuracy', value: 0.9, datasetName: 'nsmc' }]);
    expect(JSON.parse(read.tags['mlflow.modelVersions'] ?? '')).toEqual([
      { name: version.name, version: 1 },
    ]);
    expect((await client.runs.get({ runId })).outputs.models).toEqual([{ modelId, step: 0 }]);
    const files = await client.loggedModels.listArtifacts({ modelId });
    expect(files.files).toMatchObject([{ path: 'MLmodel', isDir: false }]);
  });

  it('keeps names, tags, aliases and stages', async () => {
    const name = uniqueName('named');
    await client.registeredModels.create({ name, tags: { task: 'sentiment' } });
    await expect(client.registeredModels.create({ name })).rejects.toSatisfy(isAlreadyExists);
    const run = await client.runs.create({ experimentId });
    const source = joinUri(run.info.artifactUri, 'model');
    const { runId } = run.info;
    const { version } = await client.modelVersions.create({ name, source, runId });
    await client.registeredModels.setAlias({ name, alias: 'production', version });
    await client.modelVersions.transitionStage({ name, version, stage: 'Production' });
    await client.modelVersions.setTag({ name, version, key: 'gate', value: 'passed' });

    const byAlias = await client.registeredModels.getVersionByAlias({ name, alias: 'production' });
    expect(byAlias).toMatchObject({ version, currentStage: 'Production', aliases: ['production'] });
    expect(byAlias.tags).toEqual({ gate: 'passed' });
    expect((await client.registeredModels.get({ name })).aliases).toEqual({ production: version });
    expect(await client.modelVersions.getDownloadUri({ name, version })).toBe(source);

    await client.registeredModels.deleteAlias({ name, alias: 'production' });
    await client.modelVersions.delete({ name, version });
    await expect(client.modelVersions.get({ name, version })).rejects.toSatisfy(isNotFound);
  });
});
