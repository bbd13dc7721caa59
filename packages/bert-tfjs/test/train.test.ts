import { mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateDict } from '../src/checkpoint/state-dict.js';
import { type BertConfig, parseBertConfig } from '../src/config.js';
import { loadEngine } from '../src/graph/engine.js';
import { initializeWeights } from '../src/model/initialize.js';
import { encodeDataset } from '../src/train/batches.js';
import type { FrozenReport } from '../src/train/hidden-states.js';
import { type TrainInput, type TrainOptions, trainClassifier } from '../src/train/train.js';

const CONFIG: BertConfig = parseBertConfig(
  {
    model_type: 'bert',
    vocab_size: 24,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    max_position_embeddings: 16,
  },
  'config.json',
);

const OPTIONS: TrainOptions = {
  epochs: 3,
  batchSize: 16,
  learningRate: 3e-3,
  weightDecay: 0.01,
  warmupRatio: 0.1,
  maxGradNorm: 1,
  unfrozenLayers: 2,
  evaluationsPerEpoch: 2,
  checkpointMinutes: 0,
  precision: 'fp32',
  seed: 5,
};

/** Rows that all have tokens 5 and 6; the label is which of them follows [CLS]. */
function makeDataset(rows: number, salt: number) {
  const random = xoroshiro128plus(salt);
  return encodeDataset(
    Array.from({ length: rows }, () => {
      const length = uniformInt(random, 6, 12);
      const inputIds = Int32Array.from({ length }, () => uniformInt(random, 7, 23));
      const label = uniformInt(random, 0, 1);
      inputIds.set([2, 5 + label]);
      inputIds[uniformInt(random, 2, length - 1)] = 6 - label;
      return { inputIds, label };
    }),
  );
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bert-tfjs-train-'));
});
afterEach(() => rm(folder, { recursive: true }));

const input = (name: string, changes: Partial<TrainInput> = {}): TrainInput => ({
  config: CONFIG,
  weights: initializeWeights(CONFIG, new Map(), 1),
  train: makeDataset(400, 1),
  dev: makeDataset(80, 2),
  options: OPTIONS,
  folder: join(folder, name),
  fingerprint: 'a',
  ...changes,
});

const bytes = (weights: StateDict) =>
  [...weights].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]);

describe('training a classifier', () => {
  it('learns what shows only in the order of the words', async () => {
    const options = { ...OPTIONS, epochs: 8 };
    const { best, history, steps } = await trainClassifier(input('run', { options }));
    expect(steps).toBe(8 * 25);
    expect(history).toHaveLength(16);
    expect(best.devAccuracy).toBeGreaterThan(0.9);
    expect(best.devAccuracy).toBe(Math.max(...history.map(({ devAccuracy }) => devAccuracy)));
  });

  it('gives the same weights when it was stopped in between and called again', async () => {
    const whole = await trainClassifier(input('whole'));

    const controller = new AbortController();
    const stopped = trainClassifier(
      input('stopped', {
        signal: controller.signal,
        onStep: ({ step }) => step === 31 && controller.abort(new Error('stopped by a user')),
      }),
    );
    await expect(stopped).rejects.toThrow('stopped by a user');
    const resumedAt: number[] = [];
    const resumed = await trainClassifier(
      input('stopped', { onResume: (step) => resumedAt.push(step) }),
    );

    expect(resumedAt).toEqual([31]);
    expect(resumed.history).toEqual(whole.history);
    expect(bytes(resumed.weights)).toEqual(bytes(whole.weights));
  });

  it('starts afresh where the checkpoint is of another training, and keeps one checkpoint', async () => {
    await trainClassifier(input('run'));
    const resumedAt: number[] = [];
    const fingerprint = 'b';
    await trainClassifier(input('run', { fingerprint, onResume: (step) => resumedAt.push(step) }));
    expect(resumedAt).toEqual([]);
    expect((await readdir(join(folder, 'run'))).sort()).toEqual([
      'best.safetensors',
      'checkpoint-75',
    ]);
  });

  it('leaves frozen layers and embeddings as they were', async () => {
    const before = initializeWeights(CONFIG, new Map(), 1);
    const { weights } = await trainClassifier(
      input('run', { options: { ...OPTIONS, unfrozenLayers: 1 } }),
    );
    for (const [name, { data }] of before) {
      const isFrozen = /embeddings|layer\.0\./.test(name);
      if (isFrozen) expect(weights.get(name)!.data, name).toEqual(data);
      else expect(weights.get(name)!.data, name).not.toEqual(data);
    }
  });

  it('computes frozen layers once, and trains alike where there is no room for their output', async () => {
    const options = { ...OPTIONS, unfrozenLayers: 1 };
    const reports: FrozenReport[] = [];
    const onFrozen = (report: FrozenReport) => reports.push(report);
    const kept = await trainClassifier(
      input('kept', { onFrozen, options: { ...options, frozenCacheBytes: 1e6 } }),
    );
    const forbidden = await trainClassifier(input('forbidden', { onFrozen, options }));
    const full = input('full', { onFrozen, options: { ...options, frozenCacheBytes: 1e6 } });
    await mkdir(join(full.folder, 'frozen'), { recursive: true });
    await symlink('/dev/full', join(full.folder, 'frozen/1'));
    const ranFull = await trainClassifier(full);

    const { train, dev } = input('');
    const tokens = train.inputIds.length + dev.inputIds.length;
    expect(reports).toEqual([
      { bytes: tokens * CONFIG.hiddenSize * 4 },
      { bytes: tokens * CONFIG.hiddenSize * 4, notKept: 'more than the 0.0 GB allowed' },
      { bytes: tokens * CONFIG.hiddenSize * 4, notKept: 'the disk is full (ENOSPC)' },
    ]);
    expect(await readdir(full.folder)).not.toContain('frozen');
    for (const { history } of [forbidden, ranFull]) {
      const losses = history.map(({ devLoss }) => devLoss);
      for (const [i, { devLoss }] of kept.history.entries())
        expect(losses[i]).toBeCloseTo(devLoss, 3);
    }
  });

  it('goes on computing frozen layers where it was stopped', async () => {
    const options = { ...OPTIONS, epochs: 1, unfrozenLayers: 1, frozenCacheBytes: 1e7 };
    const many = { options, train: makeDataset(3000, 1) };
    const whole = await trainClassifier(input('whole', many));
    const controller = new AbortController();
    const stop = (texts: number) =>
      texts > 2500 && controller.abort(new Error('stopped by a user'));
    const stopped = input('stopped', {
      ...many,
      signal: controller.signal,
      onFrozenProgress: stop,
    });
    await expect(trainClassifier(stopped)).rejects.toThrow('stopped by a user');
    const before = await stat(join(stopped.folder, 'frozen/0'));
    const resumed = await trainClassifier(input('stopped', many));
    const after = await stat(join(stopped.folder, 'frozen/0'));
    expect(after.ino).toBe(before.ino);
    expect(bytes(resumed.weights)).toEqual(bytes(whole.weights));
  });

  it('adds up the gradients of several batches for a step', async () => {
    const options = { ...OPTIONS, epochs: 1, batchSize: 8, gradientAccumulationSteps: 4 };
    const { steps, history } = await trainClassifier(input('run', { options }));
    expect(steps).toBe(13); // 400 texts, 32 a step
    expect(history.at(-1)!.step).toBe(13);
  });

  it('says so when the loss is no longer a number', async () => {
    const options = { ...OPTIONS, learningRate: 1e30, maxGradNorm: 1e30 };
    await expect(trainClassifier(input('run', { options }))).rejects.toThrow(
      /loss became .* lower the learning rate/,
    );
  });

  it('frees every tensor that it made', async () => {
    const engine = loadEngine();
    const tensors = engine.getNumOfTensors();
    await trainClassifier(input('run', { options: { ...OPTIONS, epochs: 1 } }));
    expect(engine.getNumOfTensors()).toBe(tensors);
  });
});
