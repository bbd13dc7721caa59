import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { uniqueName } from '../../mlflow-rest-ts/test/server.js';
import {
  ACCURACY_HIGH_TAG,
  ACCURACY_LOW_TAG,
  adoptModel,
  downloadModel,
  findVersion,
  listModels,
  listVersions,
  promote,
} from '../src/index.js';
import { mlflow, registeredModel } from './registered-model.js';

const by = 'tester';

describe('findVersion', () => {
  it('takes the one in Production, else the newest', async () => {
    const name = await registeredModel(3);
    expect((await findVersion(mlflow, name))?.version).toBe('3');
    await promote(mlflow, { name, version: '2', stage: 'Production', by });
    expect(await findVersion(mlflow, name)).toMatchObject({ version: '2', accuracy: 0.82 });
  });

  it('finds by number, stage or alias', async () => {
    const name = await registeredModel(3);
    await promote(mlflow, { name, version: '1', stage: 'Staging', by });
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
});

describe('listVersions', () => {
  it('takes a name with quotes as it is', async () => {
    expect(await listVersions(mlflow, "it's none")).toEqual([]);
  });

  it('has the interval of the accuracy where it was recorded', async () => {
    const name = await registeredModel(2);
    for (const [key, value] of [
      [ACCURACY_LOW_TAG, '0.80'],
      [ACCURACY_HIGH_TAG, '0.84'],
    ] as const) {
      await mlflow.modelVersions.setTag({ name, version: '2', key, value });
    }
    expect(await listVersions(mlflow, name)).toMatchObject([
      { version: '2', accuracyInterval: { low: 0.8, high: 0.84 } },
      { version: '1', accuracyInterval: null },
    ]);
  });
});

describe('listModels', () => {
  it('has the models of ml4 and no others, the one with the newest version first', async () => {
    const [older, foreign, newer] = [
      await registeredModel(2),
      await registeredModel(1),
      await registeredModel(1),
    ];
    for (const name of [older, newer]) await adoptModel(mlflow, name);
    const names = (await listModels(mlflow)).map(({ name }) => name);
    expect(names.filter((name) => [older, foreign, newer].includes(name))).toEqual([newer, older]);
  });
});

describe('downloadModel', () => {
  it('brings the Hugging Face folder once', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ml4-registry-'));
    onTestFinished(() => rm(cache, { recursive: true }));
    const name = await registeredModel(1);
    const version = (await findVersion(mlflow, name))!;
    const local = await downloadModel(mlflow, version, cache);
    expect(await readFile(join(local, 'config.json'), 'utf8')).toBe('{"version": 1}');
    expect(await downloadModel(mlflow, version, cache)).toBe(local);
    expect(await readdir(cache)).toEqual([version.modelId]);
  });
});
