import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateConfigType, typeFile } from '../bin/generate-config.js';
import { configHash, flattenConfig, loadConfig } from '../pipeline/config.js';
import { InputError } from '../pipeline/errors.js';
import { projectRoot } from '../pipeline/project.js';
import { knownKeys } from '../pipeline/schema.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ml4-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Loads a configuration of this text; files are named config.yaml in messages. */
async function load(yaml: string, sources: { env?: Record<string, string>; set?: string[] } = {}) {
  const file = join(folder, 'config.yaml');
  await writeFile(file, yaml);
  return loadConfig({ file, env: sources.env ?? {}, overrides: sources.set ?? [] });
}

async function problem(...args: Parameters<typeof load>): Promise<string> {
  const error = await load(...args).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message, where = '' } = error as InputError;
  return `${where} ${message}`.replaceAll(`${folder}/`, '').trim();
}

describe('where a value comes from', () => {
  it('fills in the defaults of the schema', async () => {
    const config = await load('');
    expect(config.train.epochs).toBe(2);
    expect(config.model.unfrozen_layers).toBe('all');
    expect(config.model.scratch.hidden_size).toBe(128);
    expect(config.dataset.path).toBeNull();
  });

  it('takes --set before the environment, the environment before the file', async () => {
    const yaml = 'train:\n  epochs: 3\n  seed: 3\n  batch_size: 3\n';
    const env = { ML4__TRAIN__SEED: '4', ML4__TRAIN__BATCH_SIZE: '4' };
    const { train } = await load(yaml, { env, set: ['train.batch_size=5'] });
    expect(train).toMatchObject({ epochs: 3, seed: 4, batch_size: 5 });
  });

  it('reaches nested keys by the environment', async () => {
    const config = await load('', { env: { ML4__MODEL__SCRATCH__HIDDEN_SIZE: '64' } });
    expect(config.model.scratch.hidden_size).toBe(64);
  });

  it('counts an empty variable as unset', async () => {
    expect((await load('', { env: { ML4__TRAIN__EPOCHS: '' } })).train.epochs).toBe(2);
  });

  it('empties a key by --set key=', async () => {
    const config = await load('dataset:\n  path: here\n', { set: ['dataset.path='] });
    expect(config.dataset.path).toBeNull();
  });

  it('keeps text that looks like a number where a key takes text', async () => {
    const config = await load('', { set: ['model.revision=0123456', 'model.unfrozen_layers=all'] });
    expect(config.model).toMatchObject({ revision: '0123456', unfrozen_layers: 'all' });
  });

  it('accepts a section whose keys are all commented out', async () => {
    expect((await load('train:\n  # epochs: 3\n')).train.epochs).toBe(2);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'a mistyped key',
      'train:\n  epoch: 3',
      'config.yaml:2: There is no key train.epoch. Did you mean train.epochs?',
    ],
    [
      'a mistyped section',
      'trian:\n  epochs: 3',
      'config.yaml:1: There is no key trian. Did you mean train?',
    ],
    [
      'a key without its section',
      'learning_rate: 0.1',
      'config.yaml:1: There is no key learning_rate. Did you mean train.learning_rate?',
    ],
    [
      'a key unlike any other',
      'train:\n  qqqqqq: 1',
      'config.yaml:2: There is no key train.qqqqqq.',
    ],
    [
      'a value out of range',
      '\n\ntrain:\n  batch_size: 0',
      'config.yaml:4: train.batch_size must be a whole number from 1 to 4096; it is 0.',
    ],
    [
      'a fraction where a whole number is due',
      'train:\n  batch_size: 1.5',
      'config.yaml:2: train.batch_size must be a whole number from 1 to 4096; it is 1.5.',
    ],
    [
      'a bound that is not part of the range',
      'dataset:\n  sampling_rate: 0',
      'config.yaml:2: dataset.sampling_rate must be a number above 0 and at most 1; it is 0.',
    ],
    [
      'text where a number is due',
      'train:\n  epochs: many',
      'config.yaml:2: train.epochs must be a whole number from 1 to 1000; it is "many".',
    ],
    [
      'nothing where a value is due',
      'train:\n  epochs:',
      'config.yaml:2: train.epochs must be a whole number from 1 to 1000; it is empty.',
    ],
    [
      'a number where text is due',
      'model:\n  name: 5',
      'config.yaml:2: model.name must be text; it is 5.',
    ],
    [
      'not a number',
      'train:\n  epochs: .nan',
      'config.yaml:2: train.epochs must be a whole number from 1 to 1000; it is NaN.',
    ],
    [
      'a word that is not a choice',
      'train:\n  precision: fp16',
      'config.yaml:2: train.precision must be one of auto, bf16, fp32; it is "fp16".',
    ],
    [
      'neither number nor all',
      'model:\n  unfrozen_layers: some',
      'config.yaml:2: model.unfrozen_layers must be a whole number at least 0, or "all"; it is "some".',
    ],
    [
      'a value where a section is due',
      'notify: true',
      'config.yaml:1: notify must be a section with slack; it is true.',
    ],
    [
      'heads that do not divide the width',
      'model:\n  scratch:\n    hidden_size: 130',
      'config.yaml:3: model.scratch.hidden_size must be a multiple of num_attention_heads, 4; it is 130.',
    ],
    [
      'an address of another kind',
      'tracking:\n  uri: ./mlruns',
      'config.yaml:2: tracking.uri must be an address that starts with http:// or https://, or empty; it is "./mlruns".',
    ],
    [
      'a key given twice',
      'train:\n  epochs: 1\n  epochs: 2',
      'config.yaml:3: Map keys must be unique.',
    ],
    ['a list', '- train', 'config.yaml A configuration consists of sections such as `train:`.'],
  ])('%s', async (_, yaml, message) => {
    expect(await problem(yaml)).toBe(message);
  });

  it('broken YAML, by its line', async () => {
    expect(await problem('train:\n  epochs: [1, 2\nmodel:\n')).toMatch(/^config\.yaml:3: /);
  });

  it('everything at once, a line each', async () => {
    const message = await problem('train:\n  epoch: 3\n  seed: -1\n', {
      set: ['evaluate.batch_size=3'],
    });
    expect(message.split('\n')).toHaveLength(3);
  });

  it('a wrong --set and a wrong variable, by their names', async () => {
    expect(await problem('', { set: ['train.epochs=0'] })).toBe(
      '--set train.epochs: train.epochs must be a whole number from 1 to 1000; it is 0.',
    );
    expect(await problem('', { env: { ML4__TRAIN__EPOCH: '1' } })).toBe(
      'ML4__TRAIN__EPOCH: There is no key train.epoch. Did you mean train.epochs?',
    );
    expect(await problem('', { set: ['train.epochs'] })).toMatch(
      /write it as --set train\.epochs=2/,
    );
  });

  it('a file that is missing, a folder, or not UTF-8', async () => {
    const read = (file: string) => loadConfig({ file });
    await expect(read(join(folder, 'none.yaml'))).rejects.toThrow('No such configuration file.');
    await expect(read(folder)).rejects.toThrow('A folder, not a configuration file.');
    const latin = join(folder, 'latin.yaml');
    await writeFile(latin, Buffer.from([0x74, 0x3a, 0x20, 0xe9, 0x0a]));
    await expect(read(latin)).rejects.toThrow('Not UTF-8 text.');
  });
});

describe('which configurations are one pipeline', () => {
  it('those that compute the same and record it in the same place', async () => {
    const hash = configHash(await load(''));
    expect(configHash(await load('register:\n  stage: Staging\n'))).toBe(hash);
    expect(configHash(await load('model:\n  register_threshold: 0.5\n'))).toBe(hash);
    expect(configHash(await load('train:\n  seed: 7\n'))).not.toBe(hash);
    expect(configHash(await load('tracking:\n  experiment: other\n'))).not.toBe(hash);
  });
});

describe('the schema', () => {
  it('is where the TypeScript type comes from (`npm run generate -w ml4` after a change)', async () => {
    expect(await readFile(typeFile, 'utf8')).toBe(await generateConfigType());
  });

  it('describes every key and gives it a default', () => {
    for (const [key, schema] of knownKeys) {
      expect(schema.description, key).toMatch(/\w/);
      expect(schema, key).toHaveProperty('default');
    }
  });

  it.each(['config.yaml', 'quickstart.yaml'])('accepts configs/%s', async (name) => {
    const config = await loadConfig({ file: join(projectRoot, 'configs', name) });
    expect(flattenConfig(config)).toMatchObject({
      'train.batch_size': '32',
      'dataset.path': 'null',
    });
  });
});
