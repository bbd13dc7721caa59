import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPretrained, Tokenizer } from 'bert-tfjs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256Folder } from '../cache/folder.js';
import { fetchStage } from '../fetch/fetch.js';
import { explainError } from '../pipeline/explain.js';
import { readManifest, verifyFile } from '../pipeline/manifest.js';
import { commitOf, deadAddress, HubServer } from './hub-server.js';
import { type TestPipeline, testPipeline } from './pipeline-support.js';

const KCBERT = join(import.meta.dirname, 'fixtures/fetch-kcbert');
const hub = await HubServer.start();
afterAll(() => hub.close());
beforeEach(() => hub.reset());
afterEach(() => vi.unstubAllEnvs());

const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Runs the stage and reads what it leaves. */
async function fetched(pipeline: TestPipeline) {
  const result = await fetchStage(pipeline.config, pipeline.context);
  const manifest = await readManifest(pipeline.context.volume, 'fetch/manifest.json');
  const at = (path: string) => join(pipeline.context.volume.root, path);
  return { result, manifest, at };
}

async function refusal(pipeline: TestPipeline) {
  const error: unknown = await fetchStage(pipeline.config, pipeline.context).then(
    () => new Error('The stage succeeded.'),
    (reason) => reason,
  );
  await expect(readManifest(pipeline.context.volume, 'fetch/manifest.json')).rejects.toThrow();
  return explainError(error);
}

describe('fetch with the quickstart configuration', () => {
  const set = ['dataset.name=quickstart', 'model.name=scratch', 'dataset.dev_fraction=0.1'];

  it('needs no hub: it generates reviews and a vocabulary', async () => {
    vi.stubEnv('HF_ENDPOINT', await deadAddress());
    const { result, manifest, at } = await fetched(await testPipeline({ set }));
    expect(result).toMatchObject({
      stage: 'fetch',
      train_rows: 18000,
      dev_rows: 2000,
      test_rows: 2000,
    });
    expect(manifest.dataset.labels).toEqual(['negative', 'positive']);
    for (const { path, sha256 } of Object.values(manifest.dataset.splits)) {
      await verifyFile(at(path), sha256);
    }
    expect(manifest.pretrained.weights).toBeNull();
    const { config, weights, tokenizer } = await loadPretrained(at(manifest.pretrained.path));
    expect(weights).toBeNull();
    expect(config).toMatchObject({
      numHiddenLayers: 2,
      hiddenSize: 128,
      labels: ['negative', 'positive'],
    });
    expect(tokenizer.vocabSize).toBe(config.vocabSize);
    expect(tokenizer.encode('연기가 정말 훌륭했다', 64).length).toBeLessThan(12);
    expect(manifest.pretrained.sha256).toBe(await sha256Folder(at(manifest.pretrained.path)));
  });

  it('learns the vocabulary from texts that are cleaned as the model is going to clean them', async () => {
    const pipeline = await testPipeline({
      set: ['model.name=scratch', 'model.scratch.vocab_size=200', 'model.cleaning=kcbert-v1'],
    });
    pipeline.config.dataset.path = join(pipeline.folder, 'reviews.tsv');
    const rows = range(40, (i) => `★ ${i}번째로 좋다아아아아아아\t${i % 2}`);
    await writeFile(pipeline.config.dataset.path, ['text\tlabel', ...rows].join('\n'));
    const { manifest, at } = await fetched(pipeline);
    const vocabulary = await readFile(at(join(manifest.pretrained.path, 'vocab.txt')), 'utf8');
    expect(vocabulary).toContain('\n좋다아아\n');
    expect(vocabulary).not.toContain('★');
  });

  it('shows the three splits as data sets of the MLflow run', async () => {
    const pipeline = await testPipeline({ set });
    await fetched(pipeline);
    const { mlflow, run } = pipeline.context;
    const { inputs } = await mlflow.runs.get({ runId: run.runId });
    const shown = inputs.datasets.map(({ tags, dataset }) => [
      tags?.['mlflow.data.context'],
      dataset.name,
      JSON.parse(dataset.profile!).num_rows,
    ]);
    expect(shown.sort()).toEqual([
      ['dev', 'quickstart dev', 2000],
      ['test', 'quickstart test', 2000],
      ['train', 'quickstart train', 18000],
    ]);
  });

  it('records what was found in the data, and says it', async () => {
    const pipeline = await testPipeline({ set: [...set, 'dataset.max_length=8'] });
    const { result } = await fetched(pipeline);
    const bytes = await pipeline.context.volume.readArtifact('fetch/validation.json');
    const { source, findings } = JSON.parse(Buffer.from(bytes).toString('utf8'));
    expect(source.train).toMatchObject({ rows: 20_000, empty: 0 });
    expect(findings[0]).toMatchObject({ check: 'truncated', severity: 'warning' });
    expect(result.warnings).toBe(1);
    expect(pipeline.lines.join('\n')).toContain('more tokens than dataset.max_length 8');
  });

  it('may be repeated: the same result, no input twice', async () => {
    const pipeline = await testPipeline({ set });
    const first = await fetched(pipeline);
    const second = await fetched(pipeline);
    expect(second).toMatchObject({ result: first.result, manifest: first.manifest });
    const { mlflow, run } = pipeline.context;
    expect((await mlflow.runs.get({ runId: run.runId })).inputs.datasets.length).toBe(3);
    const key = 'data/unknown_tokens';
    const { metrics } = await mlflow.metrics.getHistory({ runId: run.runId, key });
    expect(metrics).toHaveLength(1);
  });
});

describe("fetch with the mission's defaults, nsmc and KcBERT", () => {
  /** NSMC's parquet files at the revision that the hub converts to; the sentences are ours. */
  const parquet = (rows: number, from: number) =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          {
            name: 'id',
            data: range(rows, (i) => String(from + i)),
            type: 'STRING',
          },
          {
            name: 'document',
            data: Array.from({ length: rows }, (_, i) =>
              i === 3 ? '' : `이 영화는 ${from + i}번 봐도 ${i % 2 ? '재미있다' : '지루하다'}`,
            ),
            type: 'STRING',
          },
          {
            name: 'label',
            data: range(rows, (i) => BigInt(i % 2)),
            type: 'INT64',
          },
        ],
      }),
    );
  const nsmc = {
    type: 'dataset' as const,
    name: 'e9t/nsmc',
    revision: 'refs/convert/parquet',
    files: {
      'default/test/0000.parquet': parquet(40, 1000),
      'default/train/0000.parquet': parquet(400, 0),
    },
  };
  const addRepositories = async () => {
    hub.add(nsmc);
    const names = await readdir(KCBERT);
    const contents = await Promise.all(names.map((name) => readFile(join(KCBERT, name))));
    const files = Object.fromEntries(names.map((name, index) => [name, contents[index]!]));
    const kcbert = { type: 'model' as const, name: 'beomi/kcbert-base', files };
    hub.add(kcbert);
    return kcbert;
  };

  it('downloads both, once for all runs', async () => {
    const kcbert = await addRepositories();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    const pipeline = await testPipeline();
    const { result, manifest, at } = await fetched(pipeline);
    expect(result).toMatchObject({ train_rows: 379, dev_rows: 20, test_rows: 39, dataset: 'nsmc' });
    expect(manifest.dataset).toMatchObject({
      revision: commitOf(nsmc),
      labels: ['negative', 'positive'],
    });
    expect(manifest.pretrained).toMatchObject({
      revision: commitOf(kcbert),
      weights: 'pytorch_model.bin',
      cleaning: 'kcbert-v1',
    });
    const { missing, tokenizer } = await loadPretrained(at(manifest.pretrained.path));
    expect(missing).toContain('classifier.weight');
    expect(tokenizer.cleaning).toBe('kcbert-v1');
    const { mlflow, run } = pipeline.context;
    const [input] = (await mlflow.runs.get({ runId: run.runId })).inputs.datasets;
    expect(input!.dataset).toMatchObject({ sourceType: 'hugging_face' });
    expect(JSON.parse(input!.dataset.source)).toEqual({
      path: 'e9t/nsmc',
      revision: commitOf(nsmc),
    });

    hub.requests.length = 0;
    const again = await fetched(await testPipeline());
    expect(again.manifest).toEqual(manifest);
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  it('says what to do where the hub cannot be reached', async () => {
    vi.stubEnv('HF_ENDPOINT', await deadAddress());
    const pipeline = await testPipeline({ mounted: false });
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(1);
    expect(message).toContain('--set dataset.path=');
    expect(message).not.toContain('Defect');
  });

  it('refuses another architecture by name, before its weights are downloaded', async () => {
    await addRepositories();
    const config = Buffer.from('{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}');
    hub.add({
      type: 'model',
      name: 'someone/gpt2',
      files: {
        'config.json': config,
        'vocab.txt': Buffer.from('a\n'),
        'model.safetensors': Buffer.alloc(20_000),
      },
    });
    vi.stubEnv('HF_ENDPOINT', hub.url);
    const { message, exitCode } = await refusal(
      await testPipeline({ set: ['model.name=someone/gpt2'] }),
    );
    expect(exitCode).toBe(2);
    expect(message).toContain('GPT2LMHeadModel');
    expect(hub.requests.filter(({ path }) => path.includes('model.safetensors'))).toEqual([]);
  });

  it('refuses a max_length beyond what the model reads, before its weights are downloaded', async () => {
    await addRepositories();
    vi.stubEnv('HF_ENDPOINT', hub.url);
    const { message, exitCode } = await refusal(
      await testPipeline({ mounted: false, set: ['dataset.max_length=400'] }),
    );
    expect(exitCode).toBe(2);
    expect(message).toContain('dataset.max_length is 400, but the model reads 300 tokens at most');
    expect(hub.requests.filter(({ path }) => path.includes('pytorch_model.bin'))).toEqual([]);
  });

  it('suggests the preset that a misspelled name is near to', async () => {
    const { message } = await refusal(await testPipeline({ set: ['dataset.name=nsmcc'] }));
    expect(message).toContain('Did you mean nsmc?');
  });
});

describe('fetch with another data set of the hub', () => {
  const set = ['dataset.name=someone/topics', 'model.name=scratch', 'model.scratch.vocab_size=200'];
  const topics = (rows: number, from = 0): Buffer =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'title', data: range(rows, (i) => `${from + i}번째 소식`), type: 'STRING' },
          { name: 'topic', data: range(rows, (i) => i % 3), type: 'INT32' },
        ],
        // As Hugging Face's `datasets` writes it.
        kvMetadata: [
          {
            key: 'huggingface',
            value: JSON.stringify({
              info: {
                features: { topic: { names: ['정치', '경제', '사회'], _type: 'ClassLabel' } },
              },
            }),
          },
        ],
      }),
    );
  const columns = ['dataset.text_column=title', 'dataset.label_column=topic'];
  beforeEach(() => vi.stubEnv('HF_ENDPOINT', hub.url));

  it('takes its columns by name, its label names from the file, its validation split for dev', async () => {
    hub.add({
      type: 'dataset',
      name: 'someone/topics',
      files: {
        'README.md': Buffer.from('topics'),
        'data/train-00000-of-00002.parquet': topics(90),
        'data/train-00001-of-00002.parquet': topics(60, 90),
        'data/validation-00000-of-00001.parquet': topics(30, 150),
        'data/test-00000-of-00001.parquet': topics(15, 180),
      },
    });
    const { result, manifest } = await fetched(await testPipeline({ set: [...set, ...columns] }));
    expect(result).toMatchObject({ train_rows: 150, dev_rows: 30, test_rows: 15 });
    expect(manifest.dataset.labels).toEqual(['정치', '경제', '사회']);
  });

  it('takes the converted files where the repository holds a script', async () => {
    const name = 'someone/topics';
    hub.add({ type: 'dataset', name, files: { 'topics.py': Buffer.from('import datasets') } });
    const files = { 'default/train/0000.parquet': topics(100) };
    hub.add({ type: 'dataset', name, files, revision: 'refs/convert/parquet' });
    const { result } = await fetched(await testPipeline({ set: [...set, ...columns] }));
    expect(result).toMatchObject({ train_rows: 76, dev_rows: 3, test_rows: 21 });
  });

  it('names the columns that there are where the configured one is not', async () => {
    hub.add({ type: 'dataset', name: 'someone/topics', files: { 'train.parquet': topics(30) } });
    const { message, exitCode } = await refusal(await testPipeline({ set }));
    expect(exitCode).toBe(2);
    expect(message).toContain('The columns are "title", "topic".');
  });
});

describe('fetch with a preset of several subsets and a hidden test split', () => {
  it('takes the subset, its columns, and the validation split for test', async () => {
    vi.stubEnv('HF_ENDPOINT', hub.url);
    const titles = (rows: number, from: number) =>
      Buffer.from(
        parquetWriteBuffer({
          columnData: [
            { name: 'title', data: range(rows, (i) => `${from + i}번째 소식`), type: 'STRING' },
            { name: 'label', data: range(rows, (i) => BigInt(i % 7)), type: 'INT64' },
          ],
        }),
      );
    hub.add({
      type: 'dataset',
      name: 'klue/klue',
      files: {
        'nli/train-00000-of-00001.parquet': titles(10, 0),
        'ynat/train-00000-of-00001.parquet': titles(350, 0),
        'ynat/validation-00000-of-00001.parquet': titles(70, 1000),
      },
    });
    const set = ['dataset.name=klue-ynat', 'model.name=scratch', 'model.scratch.vocab_size=200'];
    const { result, manifest } = await fetched(
      await testPipeline({ set: [...set, 'dataset.dev_fraction=0.1'] }),
    );
    expect(result).toMatchObject({ train_rows: 315, dev_rows: 35, test_rows: 70 });
    expect(manifest.dataset.labels).toContain('생활문화');
    expect(hub.requests.some(({ path }) => path.includes('/resolve/') && /nli/.test(path))).toBe(
      false,
    );
  });
});

describe('fetch with local files', () => {
  const reviews = (rows: number, from: number) =>
    [
      'id\tdocument\tlabel',
      ...range(rows, (i) => `${i}\t${from + i}번 봐도 ${i % 2 ? '최고다' : '별로다'}\t${i % 2}`),
    ].join('\n');
  const local = async (pipeline: TestPipeline) => {
    const { folder, config } = pipeline;
    await mkdir(join(folder, 'nsmc'));
    await writeFile(join(folder, 'nsmc/ratings_train.txt'), reviews(200, 0));
    await writeFile(join(folder, 'nsmc/ratings_test.txt'), reviews(50, 200));
    await cp(KCBERT, join(folder, 'model'), { recursive: true });
    config.dataset.path = join(folder, 'nsmc');
    config.model.path = join(folder, 'model');
  };

  it('reads the folder of NSMC and a Hugging Face folder', async () => {
    const pipeline = await testPipeline();
    await local(pipeline);
    const { result, manifest, at } = await fetched(pipeline);
    expect(result).toMatchObject({ train_rows: 190, dev_rows: 10, test_rows: 50 });
    expect(manifest.dataset.labels).toEqual(['negative', 'positive']);
    await expect(Tokenizer.fromFolder(at(manifest.pretrained.path))).resolves.toBeDefined();
  });

  it.each([
    ['kcbert', null, 'kcbert-v1'],
    ['beomi/kcbert-base', null, 'kcbert-v1'],
    ['beomi/kcbert-base', 'none', null],
    ['owner/name', 'kcbert-v1', 'kcbert-v1'],
    ['owner/name', null, null],
  ] as const)('makes the cleaning part of the tokenizer: %s, %s', async (name, cleaning, found) => {
    const pipeline = await testPipeline();
    await local(pipeline);
    Object.assign(pipeline.config.model, { name, cleaning });
    const { manifest, at } = await fetched(pipeline);
    expect(manifest.pretrained.cleaning).toBe(found);
    const folder = at(manifest.pretrained.path);
    expect((await Tokenizer.fromFolder(folder)).cleaning).toBe(found);
    // The folder that was given stays as it was.
    expect((await Tokenizer.fromFolder(join(pipeline.folder, 'model'))).cleaning).toBeNull();
  });

  it('keeps a copy of the model: changing the folder afterwards changes nothing', async () => {
    const pipeline = await testPipeline();
    await local(pipeline);
    const { manifest, at } = await fetched(pipeline);
    await writeFile(join(pipeline.folder, 'model/pytorch_model.bin'), 'overwritten');
    expect(await sha256Folder(at(manifest.pretrained.path))).toBe(manifest.pretrained.sha256);
  });

  it('refuses damaged weights, and leaves nothing in the cache', async () => {
    const pipeline = await testPipeline();
    await local(pipeline);
    const weights = join(pipeline.folder, 'model/pytorch_model.bin');
    await writeFile(weights, (await readFile(weights)).subarray(0, 9000));
    const before = await readdir(pipeline.context.volume.cacheDir('models', ''));
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(2);
    expect(message).toContain('pytorch_model.bin');
    expect(await readdir(pipeline.context.volume.cacheDir('models', ''))).toEqual(before);
  });

  it.each([
    ['config.json', 'no config.json'],
    ['vocab.txt', 'no vocab.txt or tokenizer.json'],
    ['pytorch_model.bin', 'no model.safetensors or pytorch_model.bin'],
  ])('refuses a model folder without %s', async (name, expected) => {
    const pipeline = await testPipeline();
    await local(pipeline);
    await rm(join(pipeline.folder, 'model', name));
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(2);
    expect(message).toContain(expected);
  });

  it.each(['dataset', 'model'] as const)('refuses a %s.path that is not there', async (kind) => {
    const pipeline = await testPipeline();
    await local(pipeline);
    pipeline.config[kind].path = join(pipeline.folder, 'typo');
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(2);
    expect(message).toContain(join(pipeline.folder, 'typo'));
    expect(message).toContain(`${kind}.path`);
  });
});
