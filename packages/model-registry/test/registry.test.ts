import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../mlflow-rest-ts/test/server.js';
import {
  ACCURACY_TAG,
  adoptModel,
  downloadModel,
  findVersion,
  listVersions,
  setStage,
  writeMirror,
} from '../src/index.js';

let mlflow: MlflowClient;
let folder: string;
beforeAll(async () => {
  mlflow = new MlflowClient({ trackingUri: (await sharedServer()).uri });
  folder = await mkdtemp(join(tmpdir(), 'ml4-registry-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A registered model of its own with this many versions, each of a logged model with one file. */
async function registeredModel(versions: number): Promise<string> {
  const name = uniqueName('model');
  const { experimentId } = await mlflow.ensureExperiment(uniqueName('experiment'));
  await mlflow.registeredModels.create({ name });
  for (let i = 1; i <= versions; i++) {
    const { modelId, artifactUri } = await mlflow.loggedModels.create({ experimentId, name: 'm' });
    await mlflow.writeArtifact(`${artifactUri}/model/config.json`, `{"version": ${i}}`);
    await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
    await mlflow.modelVersions.create({
      name,
      source: `models:/${modelId}`,
      modelId,
      tags: { [ACCURACY_TAG]: `0.${80 + i}` },
    });
  }
  return name;
}

async function stages(name: string): Promise<Record<string, string>> {
  return Object.fromEntries((await listVersions(mlflow, name)).map((v) => [v.version, v.stage]));
}

async function aliases(name: string): Promise<Record<string, string>> {
  return (await mlflow.registeredModels.get({ name })).aliases;
}

describe('setStage', () => {
  it('puts a version in Production under the alias production', async () => {
    const name = await registeredModel(1);
    await setStage(mlflow, { name, version: '1', stage: 'Production' });
    expect(await stages(name)).toEqual({ 1: 'Production' });
    expect(await aliases(name)).toEqual({ production: '1' });
  });

  it('archives the version that was there and moves the alias', async () => {
    const name = await registeredModel(2);
    await setStage(mlflow, { name, version: '1', stage: 'Production' });
    await setStage(mlflow, { name, version: '2', stage: 'Production' });
    expect(await stages(name)).toEqual({ 1: 'Archived', 2: 'Production' });
    expect(await aliases(name)).toEqual({ production: '2' });
  });

  it('takes the other alias from a version that moves on from Staging to Production', async () => {
    const name = await registeredModel(1);
    await setStage(mlflow, { name, version: '1', stage: 'Staging' });
    expect(await aliases(name)).toEqual({ staging: '1' });
    await setStage(mlflow, { name, version: '1', stage: 'Production' });
    expect(await aliases(name)).toEqual({ production: '1' });
  });

  it('leaves no alias on a version that goes back to None', async () => {
    const name = await registeredModel(1);
    await setStage(mlflow, { name, version: '1', stage: 'Staging' });
    await setStage(mlflow, { name, version: '1', stage: 'None' });
    expect(await stages(name)).toEqual({ 1: 'None' });
    expect(await aliases(name)).toEqual({});
  });

  it('may be repeated', async () => {
    const name = await registeredModel(2);
    for (let i = 0; i < 2; i++) {
      await setStage(mlflow, { name, version: '2', stage: 'Production' });
    }
    expect(await stages(name)).toEqual({ 1: 'None', 2: 'Production' });
  });

  it('archives what others left in Production beside it', async () => {
    const name = await registeredModel(3);
    for (const version of ['1', '2']) {
      await mlflow.modelVersions.transitionStage({ name, version, stage: 'Production' });
    }
    await setStage(mlflow, { name, version: '3', stage: 'Production' });
    expect(await stages(name)).toEqual({ 1: 'Archived', 2: 'Archived', 3: 'Production' });
  });

  it('leaves one version in Production, the one with the alias, after many promotions at once', async () => {
    const name = await registeredModel(8);
    const promotions = Array.from({ length: 8 }, (_, i) =>
      setStage(mlflow, { name, version: String(i + 1), stage: 'Production' }),
    );
    await Promise.all(promotions);
    const inProduction = Object.entries(await stages(name)).filter(([, s]) => s === 'Production');
    expect(inProduction).toEqual([[(await aliases(name)).production, 'Production']]);
  });

  it('fails for a version that does not exist', async () => {
    const name = await registeredModel(1);
    const change = setStage(mlflow, { name, version: '9', stage: 'Production' });
    await expect(change).rejects.toThrow(/9/);
    expect(await aliases(name)).toEqual({});
  });
});

describe('findVersion', () => {
  it('takes the one in Production, else the newest', async () => {
    const name = await registeredModel(3);
    expect((await findVersion(mlflow, name))?.version).toBe('3');
    await setStage(mlflow, { name, version: '2', stage: 'Production' });
    expect(await findVersion(mlflow, name)).toMatchObject({ version: '2', accuracy: 0.82 });
  });

  it('finds by number, stage or alias', async () => {
    const name = await registeredModel(3);
    await setStage(mlflow, { name, version: '1', stage: 'Staging' });
    expect((await findVersion(mlflow, name, { version: '2' }))?.version).toBe('2');
    expect((await findVersion(mlflow, name, { stage: 'Staging' }))?.version).toBe('1');
    expect((await findVersion(mlflow, name, { alias: 'staging' }))?.version).toBe('1');
    expect(await findVersion(mlflow, name, { alias: 'production' })).toBeUndefined();
    expect(await findVersion(mlflow, name, { version: '4' })).toBeUndefined();
  });

  it('finds nothing of a model that does not exist', async () => {
    expect(await findVersion(mlflow, uniqueName('none'))).toBeUndefined();
    expect(await findVersion(mlflow, uniqueName('none'), { alias: 'production' })).toBeUndefined();
  });

  it('takes a name with quotes as it is', async () => {
    expect(await listVersions(mlflow, "it's none")).toEqual([]);
  });
});

describe('downloadModel', () => {
  it('brings the Hugging Face folder once', async () => {
    const name = await registeredModel(1);
    const version = (await findVersion(mlflow, name))!;
    const cache = join(folder, 'cache');
    const local = await downloadModel(mlflow, version, cache);
    expect(await readFile(join(local, 'config.json'), 'utf8')).toBe('{"version": 1}');
    expect(await downloadModel(mlflow, version, cache)).toBe(local);
    expect(await readdir(cache)).toEqual([version.modelId]);
  });
});

describe('writeMirror', () => {
  it('shows every model of ml4 and its versions, newest first, and no other model', async () => {
    const name = await registeredModel(2);
    const foreign = await registeredModel(1);
    await adoptModel(mlflow, name);
    await setStage(mlflow, { name, version: '1', stage: 'Production' });
    const file = join(folder, 'mirror', 'model_registry.json');
    await writeMirror(mlflow, file);

    const mirror = JSON.parse(await readFile(file, 'utf8'));
    const names = mirror.models.map((model: { name: string }) => model.name);
    expect(names).not.toContain(foreign);
    const model = mirror.models[names.indexOf(name)];
    expect(model).toMatchObject({ production: '1', staging: null });
    expect(model.versions).toMatchObject([
      { version: '2', stage: 'None', accuracy: 0.82, aliases: [] },
      { version: '1', stage: 'Production', accuracy: 0.81, aliases: ['production'] },
    ]);
  });

  it('replaces the file whole and leaves nothing beside it', async () => {
    const own = join(folder, 'again');
    const file = join(own, 'model_registry.json');
    await Promise.all(Array.from({ length: 5 }, () => writeMirror(mlflow, file)));
    expect(await readdir(own)).toEqual(['model_registry.json']);
    expect(JSON.parse(await readFile(file, 'utf8')).version).toBe(1);
  });
});
