import { describe, expect, it } from 'vitest';
import { encodeDataset, epochBatches, padBatch, sortedBatches } from '../src/train/batches.js';

/** Lengths spread as those of short reviews are: mean 20, most below 38, some up to 128. */
const dataset = encodeDataset(
  Array.from({ length: 20_000 }, (_, i) => {
    const share = ((i * 7919) % 20_000) / 20_000;
    const length = Math.min(128, 4 + Math.floor(-16 * Math.log(1 - share)));
    return { inputIds: new Int32Array(length).fill(i % 100), label: i % 2 };
  }),
);
const options = { batchSize: 32, seed: 1, epoch: 0 };

describe('batches of an epoch', () => {
  it('hold each text once, in an order that follows from seed and epoch', () => {
    const batches = epochBatches(dataset, options);
    const order = batches.flat();
    expect(order.toSorted((a, b) => a - b)).toEqual([...dataset.labels.keys()]);
    expect(epochBatches(dataset, options)).toEqual(batches);
    expect(epochBatches(dataset, { ...options, epoch: 1 })).not.toEqual(batches);
    expect(epochBatches(dataset, { ...options, seed: 2 })).not.toEqual(batches);
  });

  it('are padded by no more than 3 % of their tokens', () => {
    const computed = epochBatches(dataset, options)
      .map((indexes) => padBatch(dataset, indexes, 0))
      .reduce((sum, { inputIds }) => sum + inputIds.length, 0);
    expect(computed / dataset.inputIds.length).toBeLessThan(1.03);
  });

  it('come in no order of length', () => {
    const lengths = epochBatches(dataset, options).map(
      (indexes) => padBatch(dataset, indexes, 0).length,
    );
    const rises = lengths.filter((length, i) => length > (lengths[i - 1] ?? 0)).length;
    expect(rises / lengths.length).toBeGreaterThan(0.3);
    expect(rises / lengths.length).toBeLessThan(0.7);
  });

  it('begin with the longest texts in an evaluation', () => {
    const batches = sortedBatches(dataset, 64);
    expect(padBatch(dataset, batches[0]!, 0).length).toBe(128);
    expect(padBatch(dataset, batches.at(-1)!, 0).length).toBe(4);
  });
});
