import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adoptModel, promote, syncMirror } from '../src/index.js';
import { mlflow, registeredModel } from './registered-model.js';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ml4-registry-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('syncMirror', () => {
  it('shows every model of ml4 and its versions, newest first, and no other model', async () => {
    const name = await registeredModel(2);
    const foreign = await registeredModel(1);
    await adoptModel(mlflow, name);
    await promote(mlflow, { name, version: '1', stage: 'Production', by: 'tester' });
    const file = join(await temporaryFolder(), 'made', 'model_registry.json');
    const mirror = await syncMirror(mlflow, file);

    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(mirror);
    expect(mirror.models.map((model) => model.name)).not.toContain(foreign);
    expect(mirror.models.find((model) => model.name === name)).toMatchObject({
      production: '1',
      staging: null,
      versions: [
        { version: '2', stage: 'None', accuracy: 0.82, aliases: [] },
        { version: '1', stage: 'Production', accuracy: 0.81, aliases: ['production'] },
      ],
    });
  });

  it('leaves what the server holds when many change it at once, and nothing beside the file', async () => {
    const name = await registeredModel(5);
    await adoptModel(mlflow, name);
    const folder = await temporaryFolder();
    const file = join(folder, 'model_registry.json');
    await Promise.all(
      ['1', '2', '3', '4', '5'].map(async (version) => {
        await promote(mlflow, { name, version, stage: 'Production', by: 'tester' });
        await syncMirror(mlflow, file);
      }),
    );
    expect(await readdir(folder)).toEqual(['model_registry.json']);
    const { models } = JSON.parse(await readFile(file, 'utf8'));
    const { aliases } = await mlflow.registeredModels.get({ name });
    expect(models.find((model: { name: string }) => model.name === name).production).toBe(
      aliases.production,
    );
  });
});
