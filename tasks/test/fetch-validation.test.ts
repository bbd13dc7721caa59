import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenStatistics } from '../cache/token-statistics.js';
import { survey } from '../fetch/survey.js';
import { describeFinding, type Finding, judge } from '../fetch/validation/checks.js';
import { checkDrift, driftFrom, stabilityIndex } from '../fetch/validation/drift.js';
import { Profiler } from '../fetch/validation/profile.js';
import { TextIndex } from '../fetch/validation/text-index.js';
import { checkTokens } from '../fetch/validation/tokens.js';
import { loadConfig } from '../pipeline/config.js';
import { projectRoot } from '../pipeline/project.js';

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

const { validation: LIMITS } = await loadConfig({
  file: join(projectRoot, 'configs', 'quickstart.yaml'),
});

async function findings(train: string[], test: string[] = clean(10, 5000)): Promise<Finding[]> {
  const files = {
    train: [await file('train.tsv', train)],
    dev: [],
    test: [await file('test.tsv', test)],
  };
  const { observations } = await survey(files, { text: null, label: null });
  return judge(observations, LIMITS);
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
      count: 1,
      examples: ['train.tsv:201'],
    });
  });

  it('find decomposed Hangul, which is composed on the way', async () => {
    const [found] = await findings([...clean(10), `${'좋다'.normalize('NFD')}\t1`]);
    expect(found).toMatchObject({ check: 'decomposed', severity: 'note', count: 1 });
  });

  it('find what a wrong conversion left', async () => {
    const [found] = await findings([...clean(50), '정말 \uFFFD\uFFFD 좋다\t1', 'ì\u009E¬ë¯¸\t0']);
    expect(found).toMatchObject({ check: 'damaged', severity: 'warning', count: 2 });
  });

  it('find jamo that form no syllable, but not ㅋㅋ and ㅠㅠ', async () => {
    const [found, ...more] = await findings([
      ...clean(300),
      '재\u1106ㅣ있다\t1',
      '웃겨요 ㅋㅋ ㅠㅠ\t1',
    ]);
    expect(found).toMatchObject({ check: 'broken_jamo', count: 1, examples: ['train.tsv:302'] });
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
      { check: 'duplicated', count: 2, severity: 'note' },
      { check: 'conflicting', count: 1, severity: 'note', examples: ['train.tsv:100'] },
    ]);
  });

  it('find test texts that are in train', async () => {
    const [found] = await findings(clean(100), [...clean(1), ...clean(9, 5000)]);
    expect(found).toMatchObject({ check: 'leaked', severity: 'warning', count: 1, value: 0.1 });
    expect(describeFinding(found!)).toBe(
      '1 (10 %) texts of test are in train too: its figures will look better than they are. (test.tsv:2)',
    );
  });

  it('find a label that is rare', async () => {
    const [found] = await findings([
      ...clean(100).map((line) => `${line.slice(0, -1)}0`),
      '희귀하다\t1',
    ]);
    expect(found).toMatchObject({ check: 'imbalanced', severity: 'warning', count: 1 });
    expect(found!.message).toContain('label "1"');
  });

  it('find a text without a label: an error, unless the configuration allows it', async () => {
    const [found] = await findings([...clean(20), '정답이 없다\t']);
    expect(found).toMatchObject({
      check: 'unlabeled',
      severity: 'error',
      count: 1,
      examples: ['train.tsv:22'],
    });
    const allowed = { ...LIMITS, unlabeled: { warning: 0.5, error: null } };
    expect(judge([found!], allowed)).toMatchObject([{ severity: 'note' }]);
  });

  it('find rows that are not as their file promises: an error, unless the configuration allows it', async () => {
    const broken = Array.from({ length: 12 }, (_, i) => `탭이 ${i}\t있는\t글\t1`);
    const [found] = await findings([...clean(108), ...broken]);
    expect(found).toMatchObject({ check: 'malformed', severity: 'error', count: 12 });
    expect(found!.value).toBeCloseTo(12 / 130);
    expect(found!.examples).toHaveLength(10);
    expect(describeFinding(found!)).toMatch(
      /^12 \(9\.2 %\) rows are not as they should be, and left out\. Columns are separated by one tab.*\n {2}train\.tsv:110: 4 columns, but the first line names 2 \(text, label\)\.\n/,
    );
    const allowed = { ...LIMITS, malformed: { warning: 0.01, error: 0.1 } };
    expect(judge([found!], allowed)).toMatchObject([{ severity: 'warning' }]);
  });

  it('are as severe as the configuration says', async () => {
    const [found] = await findings([...clean(99), ' \t1']);
    const severity = (warning: number | null, error: number | null) =>
      judge([found!], { ...LIMITS, empty: { warning, error } })[0]!.severity;
    expect(severity(null, null)).toBe('note');
    expect(severity(0.005, null)).toBe('warning');
    expect(severity(0.005, 0.009)).toBe('error');
    expect(severity(0.02, 0.5)).toBe('note');
  });
});

describe('the checks of the tokens', () => {
  const statistics: TokenStatistics = {
    texts: 100,
    tokens: 1000,
    unknown: 30,
    lengths: [0, 0, 0, 90, 0, 10],
    examples: { unknown: ['7'], truncated: ['3', '9'] },
  };

  it('find texts that are cut off, and tokens that the vocabulary does not have', () => {
    expect(judge(checkTokens(statistics, 4), LIMITS)).toMatchObject([
      {
        check: 'truncated',
        severity: 'warning',
        count: 10,
        value: 0.1,
        examples: ['id 3', 'id 9'],
      },
      { check: 'unknown_tokens', severity: 'warning', count: 30, value: 0.03, examples: ['id 7'] },
    ]);
  });

  it('find nothing where everything fits', () => {
    expect(checkTokens({ ...statistics, unknown: 0 }, 5)).toEqual([]);
  });
});

describe('the drift against other data', () => {
  const profile = (texts: readonly string[], shareOfOnes: number) => {
    const profiler = new Profiler(['negative', 'positive']);
    for (const [index, text] of texts.entries()) {
      profiler.add(text, index < shareOfOnes * texts.length ? 1 : 0);
    }
    return profiler.profile();
  };
  const short = Array.from({ length: 400 }, (_, i) => `${i}번째 영화가 재미있다`);
  const long = Array.from(
    { length: 400 },
    (_, i) => `금리 인상 소식에 코스닥 지수가 ${i}일째 내렸다`,
  );

  it('is the population stability index: by hand, (0.7 - 0.5) ln 1.4 + (0.3 - 0.5) ln 0.6', () => {
    expect(stabilityIndex([50, 50], [70, 30])).toBeCloseTo(0.1695, 4);
    expect(stabilityIndex([3, 4, 5], [3, 4, 5])).toBe(0);
    expect(Number.isFinite(stabilityIndex([10, 0], [0, 10]))).toBe(true);
  });

  it('is nothing for the same data', () => {
    const drift = driftFrom(profile(short, 0.5), profile(short, 0.5));
    expect(drift).toEqual({ labels: 0, lengths: 0, characters: 0 });
    expect(checkDrift(drift, profile(short, 0.5), 'sentiment 3')).toEqual([]);
  });

  it('tells labels, lengths and characters apart', () => {
    const labels = driftFrom(profile(short, 0.5), profile(short, 0.9));
    expect(labels).toMatchObject({ lengths: 0, characters: 0 });
    expect(labels.labels).toBeGreaterThan(0.25);
    const texts = driftFrom(profile(short, 0.5), profile(long, 0.5));
    expect(texts.labels).toBe(0);
    expect(texts.lengths).toBeGreaterThan(0.25);
    expect(texts.characters).toBeGreaterThan(0.25);
  });

  it('is a finding that names the version in Production', () => {
    const now = profile(short, 0.9);
    const drift = driftFrom(profile(short, 0.5), now);
    const [found, ...more] = judge(checkDrift(drift, now, 'sentiment 3'), LIMITS);
    expect(found).toMatchObject({ check: 'drift', severity: 'warning' });
    expect(found!.message).toMatch(/labels differ.*sentiment 3, in Production/);
    expect(more).toEqual([]);
  });

  it('is large where the labels are others', () => {
    const renamed = { ...profile(short, 0.5), labels: { 부정: 200, 긍정: 200 } };
    expect(driftFrom(profile(short, 0.5), renamed).labels).toBeGreaterThan(1);
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
