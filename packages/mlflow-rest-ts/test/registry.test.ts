import { beforeAll, describe, expect, it } from 'vitest';
import { isAlreadyExists, isNotFound, joinUri, MlflowClient } from '../src/node/index.js';
import { olderThan } from './python.js';
import { sharedServer, uniqueName } from './server.js';

const isOld = await olderThan('3.0');

describe('the model registry', () => {
  let client: MlflowClient;
  let experimentId: string;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    experimentId = (await client.ensureExperiment(uniqueName('registry'))).experimentId;
  });

  it.skipIf(isOld)('links run, logged model and version', async () => {
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

  it.skipIf(isOld)('keeps names, tags, aliases and stages', async () => {
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

  it('describes, renames and finds models and versions', async () => {
    const name = uniqueName('found');
    const { runId, artifactUri } = (await client.runs.create({ experimentId })).info;
    await client.registeredModels.create({ name: `${name}-old` });
    await client.registeredModels.rename({ name: `${name}-old`, newName: name });
    await client.registeredModels.update({ name, description: '설명' });
    await client.registeredModels.setTag({ name, key: 'a', value: 'b' });
    await client.registeredModels.deleteTag({ name, key: 'a' });
    for (let i = 1; i <= 3; i++) {
      const source = joinUri(artifactUri, 'model');
      await client.modelVersions.create({ name, source, runId, tags: { i: `${i}`, x: '' } });
    }
    await client.modelVersions.update({ name, version: '2', description: '둘째' });
    await client.modelVersions.deleteTag({ name, version: '2', key: 'x' });

    const models = [];
    for await (const model of client.registeredModels.searchAll({ filter: `name = '${name}'` })) {
      models.push(model);
    }
    expect(models).toMatchObject([{ name, description: '설명', tags: {} }]);
    const versions = [];
    const search = { filter: `name = '${name}'`, orderBy: ['version_number ASC'], maxResults: 2 };
    for await (const version of client.modelVersions.searchAll(search)) versions.push(version);
    // MLflow 2.0 does not order them.
    if (isOld) versions.sort((a, b) => Number(a.version) - Number(b.version));
    expect(versions.map(({ version, tags }) => [version, tags.i])).toEqual([
      ['1', '1'],
      ['2', '2'],
      ['3', '3'],
    ]);
    expect(versions[1]).toMatchObject({ description: '둘째', tags: { i: '2' } });
    const latest = await client.registeredModels.getLatestVersions({ name, stages: ['None'] });
    expect(latest.map(({ version }) => version)).toEqual(['3']);
    await client.registeredModels.delete({ name });
    await expect(client.registeredModels.get({ name })).rejects.toSatisfy(isNotFound);
  });

  it.skipIf(isOld)(
    'finds logged models by their metrics, and changes and deletes them',
    async () => {
      const experiment = await client.ensureExperiment(uniqueName('logged'));
      const { experimentId: id } = experiment;
      const { runId } = (await client.runs.create({ experimentId: id })).info;
      const ids = [];
      for (const value of [0.7, 0.9, 0.8]) {
        const model = await client.loggedModels.create({ experimentId: id, sourceRunId: runId });
        const { modelId } = model;
        await client.logMetrics(runId, [{ key: `accuracy`, value, modelId }]);
        ids.push(modelId);
      }
      const found = [];
      const search = {
        experimentIds: [id],
        filter: 'metrics.accuracy > 0.75',
        orderBy: [{ fieldName: 'metrics.accuracy', ascending: false }],
        maxResults: 1,
      };
      for await (const model of client.loggedModels.searchAll(search)) found.push(model.modelId);
      expect(found).toEqual([ids[1], ids[2]]);

      const modelId = ids[0] ?? '';
      await client.loggedModels.setTags({ modelId, tags: { a: 'b', 'c/d': 'e' } });
      await client.loggedModels.deleteTag({ modelId, key: 'a' });
      await client.loggedModels.logParams({ modelId, params: { f: 'g' } });
      await client.loggedModels.finalize({ modelId, status: 'UPLOAD_FAILED' });
      expect(await client.loggedModels.get({ modelId })).toMatchObject({
        status: 'UPLOAD_FAILED',
        tags: { 'c/d': 'e' },
        params: { f: 'g' },
      });
      await client.loggedModels.delete({ modelId });
      await expect(client.loggedModels.get({ modelId })).rejects.toSatisfy(isNotFound);
    },
  );

  it.skipIf(isOld)('has no presigned addresses for artifacts in a folder', async () => {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const path = 'a/b';
    const urls = client.artifactUrls;
    for (const call of [
      () => urls.createPresignedUploadUrl({ runId, path }),
      () => urls.createPresignedDownloadUrl({ runId, path }),
    ]) {
      await expect(call()).rejects.toThrow('proxied artifact storage');
    }
    for (const call of [
      () => urls.getPresignedDownloadUrl({ path }),
      () => urls.createMultipartUpload({ path, numParts: 1 }),
      () => urls.completeMultipartUpload({ path, uploadId: 'u', parts: [] }),
      () => urls.abortMultipartUpload({ path, uploadId: 'u' }),
    ]) {
      await expect(call()).rejects.toMatchObject({ status: 501, hint: expect.any(String) });
    }
  });
});
