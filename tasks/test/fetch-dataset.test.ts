import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConversionInput, convertDataset } from '../fetch/dataset.js';
import { findSplits } from '../fetch/split-files.js';
import type { Example } from '../fetch/split-writer.js';
import { InputError } from '../pipeline/errors.js';
import { sha256File } from '../pipeline/manifest.js';

const root = await mkdtemp(join(tmpdir(), 'ml4-dataset-'));
afterAll(() => rm(root, { recursive: true }));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
});

/** A TSV file with so many rows of each label. */
async function table(name: string, rows: Record<string, number>): Promise<string> {
  const lines = Object.entries(rows).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, index) => `${name} ${label}번 ${index}\t${label}`),
  );
  return file(name, `text\tlabel\n${lines.join('\n')}\n`);
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function convert(input: Partial<ConversionInput>) {
  const { folder: at, dataset } = await convertDataset(
    {
      files: { train: [], dev: [], test: [] },
      columns: { text: null, label: null },
      samplingRate: 1,
      devFraction: 0.1,
      seed: 42,
      ...input,
    },
    async (key) => join(folder, 'cache', key),
    () => {},
  );
  const read = async (split: string): Promise<Example[]> =>
    (await readFile(join(at, `${split}.jsonl`), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Example);
  return {
    dataset,
    at,
    train: await read('train'),
    dev: await read('dev'),
    test: await read('test'),
  };
}

async function refusal(input: Partial<ConversionInput>): Promise<InputError> {
  const error: unknown = await convert(input).then(
    () => new Error('The data set was converted.'),
    (reason) => reason,
  );
  expect(await readdir(join(folder, 'cache')).catch(() => [])).toEqual([]);
  if (error instanceof InputError) return error;
  throw error;
}

const count = (examples: Example[], label: number) =>
  examples.filter((example) => example.label === label).length;

describe('splits', () => {
  it('hold dev out from train, with the same share of every label', async () => {
    const train = [await table('train.tsv', { 0: 300, 1: 100 })];
    const test = [await table('test.tsv', { 0: 7, 1: 5 })];
    const made = await convert({ files: { train, dev: [], test } });
    expect([count(made.train, 0), count(made.train, 1)]).toEqual([270, 90]);
    expect([count(made.dev, 0), count(made.dev, 1)]).toEqual([30, 10]);
    expect(made.test.length).toBe(12);
    const texts = [...made.train, ...made.dev].map(({ text }) => text);
    expect(new Set(texts).size).toBe(400);
  });

  it('keep the same share of every label of train when sampled, and all of test', async () => {
    const train = [await table('train.tsv', { 0: 300, 1: 100 })];
    const test = [await table('test.tsv', { 0: 70, 1: 50 })];
    const made = await convert({ files: { train, dev: [], test }, samplingRate: 0.2 });
    expect([count(made.train, 0), count(made.train, 1)]).toEqual([54, 18]);
    expect([count(made.dev, 0), count(made.dev, 1)]).toEqual([6, 2]);
    expect(made.test.length).toBe(120);
  });

  it('of a single file are train, dev and a fifth for test', async () => {
    const made = await convert({
      files: { train: [await table('all.tsv', { a: 50, b: 50 })], dev: [], test: [] },
    });
    expect([made.train.length, made.dev.length, made.test.length]).toEqual([72, 8, 20]);
    expect(count(made.test, 0)).toBe(10);
  });

  it('take a dev file as it is', async () => {
    const train = [await table('train.tsv', { 0: 50, 1: 50 })];
    const dev = [await table('dev.tsv', { 0: 3, 1: 4 })];
    const test = [await table('test.tsv', { 0: 5, 1: 5 })];
    const made = await convert({ files: { train, dev, test } });
    expect([made.train.length, made.dev.length]).toEqual([100, 7]);
  });

  it('are drawn by the seed alone', async () => {
    const files = { train: [await table('train.tsv', { 0: 200, 1: 200 })], dev: [], test: [] };
    const first = await convert({ files });
    await rm(join(folder, 'cache'), { recursive: true });
    const second = await convert({ files });
    const other = await convert({ files, seed: 43 });
    expect(second.dev).toEqual(first.dev);
    expect(other.dev).not.toEqual(first.dev);
  });

  it('are recorded with their sums', async () => {
    const made = await convert({
      files: { train: [await table('a.tsv', { 0: 20, 1: 20 })], dev: [], test: [] },
    });
    for (const split of ['train', 'dev', 'test'] as const) {
      expect(made.dataset.splits[split].sha256).toBe(
        await sha256File(join(made.at, `${split}.jsonl`)),
      );
      expect(made.dataset.splits[split].rows).toBe(made[split].length);
    }
  });

  it('are not made twice from the same input', async () => {
    const files = { train: [await table('a.tsv', { 0: 20, 1: 20 })], dev: [], test: [] };
    const first = await convert({ files });
    // Were it converted again, this would be overwritten.
    await writeFile(join(first.at, 'train.jsonl'), '{"id":"x","text":"표시","label":0}\n');
    expect((await convert({ files })).train).toEqual([{ id: 'x', text: '표시', label: 0 }]);
    await table('a.tsv', { 0: 21, 1: 20 });
    expect((await convert({ files })).train.length).toBeGreaterThan(1);
  });

  it('may be made by two processes at once', async () => {
    const files = { train: [await table('a.tsv', { 0: 500, 1: 500 })], dev: [], test: [] };
    const made = await Promise.all([convert({ files }), convert({ files }), convert({ files })]);
    expect(new Set(made.map(({ at }) => at)).size).toBe(1);
    expect((await readdir(join(folder, 'cache'))).length).toBe(1);
  });
});

describe('texts', () => {
  it('are composed (NFC) and trimmed', async () => {
    const decomposed = '재미있다'.normalize('NFD');
    const path = await file(
      'a.tsv',
      `text\tlabel\n${` ${decomposed} \t1\n`.repeat(10)}${'별로\t0\n'.repeat(10)}`,
    );
    const made = await convert({ files: { train: [path], dev: [], test: [] } });
    expect(new Set(made.train.map(({ text }) => text))).toEqual(new Set(['재미있다', '별로']));
  });

  it('that are empty are left out and counted', async () => {
    const path = await file(
      'a.tsv',
      `text\tlabel\n${'좋다\t1\n'.repeat(10)}\t1\n   \t0\n${'별로\t0\n'.repeat(10)}`,
    );
    const made = await convert({ files: { train: [path], dev: [], test: [] } });
    expect(made.dataset.source.splits.train).toMatchObject({ rows: 22, empty: 2 });
    expect(made.train.length + made.dev.length + made.test.length).toBe(20);
  });
});

describe('labels', () => {
  it('are numbered in order: integers by value, words by code point', async () => {
    const numbers = await convert({
      files: { train: [await table('a.tsv', { 10: 9, 9: 9, '-1': 9 })], dev: [], test: [] },
    });
    expect(numbers.dataset.labels).toEqual(['-1', '9', '10']);
    const words = await convert({
      files: { train: [await table('b.tsv', { 정치: 9, 경제: 9 })], dev: [], test: [] },
    });
    expect(words.dataset.labels).toEqual(['경제', '정치']);
  });

  it('have the names that are known for them', async () => {
    const files = { train: [await table('a.tsv', { 0: 9, 1: 9 })], dev: [], test: [] };
    const made = await convert({ files, labelNames: ['negative', 'positive'] });
    expect(made.dataset.labels).toEqual(['negative', 'positive']);
  });

  it('outside the known set are malformed rows, which are left out', async () => {
    const path = await file('a.tsv', `text\tlabel\n${'좋다\t1\n별로\t0\n'.repeat(9)}글쎄\t2\n`);
    const { dataset } = await convert({
      files: { train: [path], dev: [], test: [] },
      labelNames: ['negative', 'positive'],
    });
    expect(dataset.labels).toEqual(['negative', 'positive']);
    expect(dataset.source.splits.train).toMatchObject({ rows: 19, malformed: 1 });
    expect(dataset.source.observations).toContainEqual(
      expect.objectContaining({
        check: 'malformed',
        count: 1,
        examples: ['a.tsv:20: The label "2" is not in the label set: 0 (negative), 1 (positive).'],
      }),
    );
  });

  it('that only the test split has are malformed rows, which are left out', async () => {
    const train = [await table('train.tsv', { 0: 9, 1: 9 })];
    const test = [await table('test.tsv', { 0: 2, 5: 12 })];
    const made = await convert({ files: { train, dev: [], test } });
    expect(made.test.length).toBe(2);
    const [found] = made.dataset.source.observations;
    expect(found).toMatchObject({ check: 'malformed', count: 12 });
    expect(found!.examples).toHaveLength(10);
    expect(found!.examples[0]).toBe(
      'test.tsv:4: The label "5" is not among the labels of the train split: 0, 1.',
    );
  });

  it('none of which is known are refused with their rows', async () => {
    const path = await table('a.tsv', { 좋음: 9, 나쁨: 9 });
    const error = await refusal({
      files: { train: [path], dev: [], test: [] },
      labelNames: ['negative', 'positive'],
    });
    expect(error.message).toMatch(
      /^No texts\. 18 \(100 %\) rows.*label_column.*a\.tsv:2: The label/s,
    );
  });

  it('of which there are more than labels can be are refused', async () => {
    const rows = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`라벨 ${i}`, 1]));
    const path = await table('a.tsv', rows);
    const error = await refusal({ files: { train: [path], dev: [], test: [] } });
    expect(error.message).toBe('The label column has more than 1000 distinct values.');
    expect(error.where).toBe(path);
  });
});

describe('data that cannot be learned from', () => {
  it.each([
    ['an empty file', '', 'No texts.'],
    ['a header alone', 'text\tlabel\n', 'No texts.'],
    [
      'empty texts alone',
      'text\tlabel\n\t1\n\t0\n',
      'No texts: all 2 rows are without a text or a label.',
    ],
    ['one class', 'text\tlabel\n좋다\t1\n최고\t1\n', 'Every text has the label "1"'],
  ])('such as %s are refused', async (_what, content, message) => {
    const path = await file('a.tsv', content);
    const error = await refusal({ files: { train: [path], dev: [], test: [] } });
    expect(error.message).toContain(message);
    expect(error.where).toBe(path);
    expect(error.fix).toBeDefined();
  });

  it('such as too few of a label after sampling are refused', async () => {
    const train = [await table('a.tsv', { 0: 100, 1: 4 })];
    const error = await refusal({ files: { train, dev: [], test: [] }, samplingRate: 0.1 });
    expect(error.message).toContain('labeled "1" none is left to train on');
    expect(error.fix).toContain('sampling_rate');
  });
});

describe('the files of a folder', () => {
  it.each([
    [
      'NSMC',
      ['ratings_test.txt', 'ratings_train.txt', 'ratings.txt'],
      { train: ['ratings_train.txt'], dev: [], test: ['ratings_test.txt'] },
    ],
    [
      'a hub data set',
      [
        'data/train-00001-of-00002.parquet',
        'data/train-00000-of-00002.parquet',
        'data/validation-00000-of-00001.parquet',
        'README.md',
      ],
      {
        train: ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'],
        dev: ['data/validation-00000-of-00001.parquet'],
        test: [],
      },
    ],
    [
      'a converted data set',
      ['default/test/0000.parquet', 'default/train/0000.parquet', 'other/train/0000.parquet'],
      { train: ['default/train/0000.parquet'], dev: [], test: ['default/test/0000.parquet'] },
    ],
    [
      'two formats',
      ['train.csv', 'train.jsonl.gz', 'test.jsonl.gz'],
      { train: ['train.jsonl.gz'], dev: [], test: ['test.jsonl.gz'] },
    ],
  ])('of %s are found by their names', (_what, paths, expected) => {
    expect(findSplits(paths, 'folder')).toEqual(expected);
  });

  it('without one to train on are refused with what is there', async () => {
    await mkdir(join(folder, 'empty'));
    expect(() => findSplits(['notes.md', 'test.csv'], 'here')).toThrow(/notes\.md, test\.csv/);
    expect(() => findSplits([], 'here')).toThrow('There are no files');
  });

  describe('in several subsets', () => {
    const paths = [
      ...['train', 'validation'].map((split) => `ynat/${split}-00000-of-00001.parquet`),
      ...['train', 'validation'].map((split) => `nli/${split}/0000.parquet`),
    ];

    it('are refused with their names where none is asked for', () => {
      expect(() => findSplits(paths, 'here')).toThrow('several subsets: nli, ynat');
    });

    it('are those of the subset that is asked for, in either layout', () => {
      expect(findSplits(paths, 'here', { subset: 'ynat' })).toEqual({
        train: ['ynat/train-00000-of-00001.parquet'],
        dev: ['ynat/validation-00000-of-00001.parquet'],
        test: [],
      });
      expect(findSplits(paths, 'here', { subset: 'nli' }).train).toEqual([
        'nli/train/0000.parquet',
      ]);
    });

    it('are refused with the names that there are where it has another one', () => {
      expect(() => findSplits(paths, 'here', { subset: 'sts' })).toThrow(
        'There is no subset "sts". There are nli, ynat.',
      );
    });
  });

  describe('whose splits have other names', () => {
    const paths = ['train_v2.csv', 'train.csv', 'validation.csv', 'holdout-2024.csv'];

    it('are taken by these names', () => {
      const wanted = { train: 'train_v2', test: 'holdout-2024' };
      expect(findSplits(paths, 'here', wanted)).toEqual({
        train: ['train_v2.csv'],
        dev: ['validation.csv'],
        test: ['holdout-2024.csv'],
      });
    });

    it('take the validation split for test, and dev from train, where it is asked for', () => {
      expect(findSplits(['train.csv', 'validation.csv'], 'here', { test: 'validation' })).toEqual({
        train: ['train.csv'],
        dev: [],
        test: ['validation.csv'],
      });
    });

    it('are refused with what is there where a name is not found', () => {
      expect(() => findSplits(paths, 'here', { test: 'hidden' })).toThrow(
        /dataset\.test_split "hidden".*holdout-2024\.csv/,
      );
    });
  });
});
