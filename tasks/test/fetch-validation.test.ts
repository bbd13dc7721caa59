import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { convertDataset } from '../fetch/dataset.js';
import { survey } from '../fetch/survey.js';
import { describeFinding, type Finding } from '../fetch/validation/checks.js';
import { TextIndex } from '../fetch/validation/text-index.js';
import { checkTruncation } from '../fetch/validation/truncation.js';

const root = await mkdtemp(join(tmpdir(), 'ml4-validation-'));
afterAll(() => rm(root, { recursive: true }));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
});

/** Clean texts, all different, of two labels in turn. */
const clean = (rows: number, from = 0) =>
  Array.from({ length: rows }, (_, i) => `${from + i}번째 감상평\t${i % 2}`);

async function file(name: string, lines: string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `text\tlabel\n${lines.join('\n')}\n`);
  return path;
}

async function findings(train: string[], test: string[] = clean(10, 5000)): Promise<Finding[]> {
  const files = {
    train: [await file('train.tsv', train)],
    dev: [],
    test: [await file('test.tsv', test)],
  };
  return (await survey(files, { text: null, label: null })).findings;
}

describe('the checks of the data', () => {
  it('find nothing in clean data', async () => {
    expect(await findings(clean(1000))).toEqual([]);
  });

  it('find texts without content', async () => {
    const [found] = await findings([...clean(199), ' \t1']);
    expect(found).toMatchObject({
      check: 'empty',
      severity: 'note',
      rows: 1,
      examples: ['train.tsv:201'],
    });
  });

  it('find decomposed Hangul, which is composed on the way', async () => {
    const [found] = await findings([...clean(10), `${'좋다'.normalize('NFD')}\t1`]);
    expect(found).toMatchObject({ check: 'decomposed', severity: 'note', rows: 1 });
  });

  it('find what a wrong conversion left', async () => {
    const [found] = await findings([...clean(50), '정말 \uFFFD\uFFFD 좋다\t1', 'ì\u009E¬ë¯¸\t0']);
    expect(found).toMatchObject({ check: 'damaged', severity: 'warning', rows: 2 });
  });

  it('find jamo that form no syllable, but not ㅋㅋ and ㅠㅠ', async () => {
    const [found, ...more] = await findings([
      ...clean(300),
      '재\u1106ㅣ있다\t1',
      '웃겨요 ㅋㅋ ㅠㅠ\t1',
    ]);
    expect(found).toMatchObject({ check: 'broken_jamo', rows: 1, examples: ['train.tsv:302'] });
    expect(more).toEqual([]);
  });

  it('find copies in a split, and copies with another label', async () => {
    const found = await findings([
      ...clean(96),
      '그저 그렇다\t0',
      '그저 그렇다\t0',
      '그저 그렇다\t1',
    ]);
    expect(found).toMatchObject([
      { check: 'duplicated', rows: 2, severity: 'note' },
      { check: 'conflicting', rows: 1, severity: 'note', examples: ['train.tsv:100'] },
    ]);
  });

  it('find test texts that are in train', async () => {
    const [found] = await findings(clean(100), [...clean(1), ...clean(9, 5000)]);
    expect(found).toMatchObject({ check: 'leaked', severity: 'warning', rows: 1, share: 0.1 });
    expect(describeFinding(found!)).toBe(
      '1 (10 %) texts of test are in train too: its figures will look better than they are. (test.tsv:2)',
    );
  });

  it('find a label that is rare', async () => {
    const [found] = await findings([
      ...clean(100).map((line) => `${line.slice(0, -1)}0`),
      '희귀하다\t1',
    ]);
    expect(found).toMatchObject({ check: 'imbalanced', severity: 'warning', rows: 1 });
    expect(found!.message).toContain('label "1"');
  });

  it('stop the run where the data can only be broken, with the rows', async () => {
    const train = [await file('train.tsv', clean(20))];
    const test = [await file('test.tsv', clean(10))];
    const input = {
      files: { train, dev: [], test },
      columns: { text: null, label: null },
      samplingRate: 1,
      devFraction: 0.1,
      seed: 1,
    };
    await expect(convertDataset(input, (key) => join(folder, key))).rejects.toThrow(
      /10 \(100 %\) texts of test are in train too.*test\.tsv:2, test\.tsv:3/,
    );
  });
});

describe('the share of texts that are cut off', () => {
  it("is counted with the model's tokenizer", async () => {
    const path = join(folder, 'train.jsonl');
    const texts = ['이 영화는 좋다', '이 영화는 정말 정말 재미있다', '별로'];
    await writeFile(
      path,
      texts.map((text, id) => `${JSON.stringify({ id: `${id}`, text, label: 0 })}\n`).join(''),
    );
    const model = join(import.meta.dirname, 'fixtures/fetch-kcbert');
    expect(await checkTruncation(path, model, 64)).toBeUndefined();
    expect(await checkTruncation(path, model, 8)).toMatchObject({
      check: 'truncated',
      severity: 'warning',
      rows: 1,
      examples: ['id 1'],
    });
  });
});

describe('the index of texts', () => {
  it('knows where a text came first', () => {
    const index = new TextIndex();
    expect(index.add('좋다', 0, 1)).toBe('new');
    expect(index.add('별로', 0, 0)).toBe('new');
    expect(index.add('좋다', 2, 0)).toEqual({ split: 0, label: 1 });
  });

  it('keeps a sample of more texts than it holds, and estimates from it', () => {
    const index = new TextIndex();
    const rows = 3_000_000;
    for (let i = 0; i < rows; i++) index.add(`감상평 ${i}`, 0, 0);
    let repeated = 0;
    for (let i = 0; i < rows; i += 10) {
      if (typeof index.add(`감상평 ${i}`, 2, 0) !== 'string') repeated++;
    }
    expect(index.scale).toBeGreaterThan(1);
    expect((repeated * index.scale) / (rows / 10)).toBeCloseTo(1, 1);
  });
});
