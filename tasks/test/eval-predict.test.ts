import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { predictRows } from '../eval/predict.js';
import { readSplit } from '../eval/read-split.js';
import { InputError } from '../pipeline/errors.js';

const rows = Array.from({ length: 100 }, (_, row) => ({
  id: String(row),
  text: '가'.repeat(1 + ((row * 37) % 100)),
  label: row % 2,
}));

/** Notes what it is asked, and gives each text its length as a probability. */
class LengthClassifier {
  readonly calls: string[][] = [];
  readonly classify = async (indexes: readonly number[], { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    const texts = indexes.map((index) => rows[index]!.text);
    this.calls.push(texts);
    return texts.map(({ length }) => ({ probabilities: [1 - length / 100, length / 100] }));
  };
}

const shown: number[] = [];
const progress = () => ({ update: (done: number) => shown.push(done), stop: () => shown.push(-1) });

describe('predictRows', () => {
  beforeEach(() => {
    shown.length = 0;
  });

  it('gives each row its own probabilities, in the order of the rows', async () => {
    const { signal } = new AbortController();
    const { predictions, reviewsPerSecond } = await predictRows(
      new LengthClassifier().classify,
      rows,
      { batchSize: 8 },
      { progress, signal },
    );
    expect(predictions.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    for (const { text, probabilities } of predictions) {
      expect(probabilities[1]).toBe(text.length / 100);
    }
    expect(reviewsPerSecond).toBeGreaterThan(0);
  });

  it('asks for texts of like length together, the longest first, and warms up before', async () => {
    const classifier = new LengthClassifier();
    const { signal } = new AbortController();
    await predictRows(classifier.classify, rows, { batchSize: 8 }, { progress, signal });
    const [warmUp, ...calls] = classifier.calls;
    expect(warmUp).toHaveLength(8);
    const lengths = calls.flat().map(({ length }) => length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths).toHaveLength(rows.length);
  });

  it('shows progress up to the last row, then stops it', async () => {
    const { signal } = new AbortController();
    await predictRows(
      new LengthClassifier().classify,
      rows,
      { batchSize: 8 },
      { progress, signal },
    );
    expect(shown.slice(-2)).toEqual([100, -1]);
  });

  it('stops between two calls with the reason of the signal', async () => {
    const controller = new AbortController();
    const classifier = new LengthClassifier();
    const stopping = () => ({ ...progress(), update: () => controller.abort(new Error('stop')) });
    const predicting = predictRows(
      classifier.classify,
      rows,
      { batchSize: 8 },
      { progress: stopping, signal: controller.signal },
    );
    await expect(predicting).rejects.toThrow('stop');
    expect(classifier.calls.length).toBe(2);
    expect(shown).toEqual([-1]);
  });
});

describe('readSplit', () => {
  let root: string;
  const split = async (content: string) => {
    await writeFile(join(root, 'test.jsonl'), content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { path: 'test.jsonl', sha256, rows: 1 };
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ml4-split-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('reads the rows', async () => {
    const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    expect(await readSplit(root, await split(content), 2)).toEqual(rows);
  });

  it.each([
    ['what is not JSON', '{"id": "2", "text": "좋'],
    ['a label beyond the names', '{"id": "2", "text": "좋다", "label": 2}'],
    ['a row without text', '{"id": "2", "label": 1}'],
  ])('names the line of %s', async (_, line) => {
    const reading = readSplit(
      root,
      await split(`{"id": "1", "text": "좋다", "label": 1}\n${line}\n`),
      2,
    );
    await expect(reading).rejects.toMatchObject({
      exitCode: 2,
      where: `${join(root, 'test.jsonl')}, line 2`,
    });
  });

  it('refuses a file that changed since it was written', async () => {
    const written = await split('{"id": "1", "text": "좋다", "label": 1}\n');
    await writeFile(join(root, 'test.jsonl'), '{"id": "1", "text": "좋다", "label": 0}\n');
    await expect(readSplit(root, written, 2)).rejects.toThrow(InputError);
  });
});
