import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Tokenized texts with their labels. Example i's ids are `inputIds[offsets[i] … offsets[i + 1]]`. */
export interface EncodedDataset {
  readonly inputIds: Int32Array;
  readonly offsets: Int32Array;
  readonly labels: Int32Array;
}

/** Examples padded to the longest of them. */
export interface Batch {
  /** [lengths.length, length], row by row. */
  readonly inputIds: Int32Array;
  readonly lengths: Int32Array;
  readonly length: number;
  readonly labels: Int32Array;
}

/** Lays token ids end to end. */
export function encodeDataset(
  examples: Iterable<{ inputIds: Int32Array; label: number }>,
): EncodedDataset {
  const rows = [...examples];
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, { inputIds }] of rows.entries()) offsets[i + 1] = offsets[i]! + inputIds.length;
  const inputIds = new Int32Array(offsets[rows.length]!);
  for (const [i, row] of rows.entries()) inputIds.set(row.inputIds, offsets[i]!);
  return { inputIds, offsets, labels: Int32Array.from(rows, ({ label }) => label) };
}

const lengthOf = ({ offsets }: EncodedDataset, i: number) => offsets[i + 1]! - offsets[i]!;

function shuffle<T>(items: T[], random: RandomGenerator): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

/** Cuts a list into pieces of `size`, of which the last may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}

// Sorting within pools, and not the whole epoch, keeps batches random and their padding small.
const POOL_BATCHES = 128;

/**
 * An epoch's batches, as indexes of examples: each example once, in an order that follows from seed
 * and epoch alone, texts of like length together.
 */
export function epochBatches(
  dataset: EncodedDataset,
  { batchSize, seed, epoch }: { batchSize: number; seed: number; epoch: number },
): number[][] {
  const random = xoroshiro128plus((Math.imul(seed, 0x9e3779b1) ^ epoch) | 0);
  const order = shuffle([...dataset.labels.keys()], random);
  const batches = chunks(order, batchSize * POOL_BATCHES).flatMap((pool) =>
    chunks(
      pool.sort((a, b) => lengthOf(dataset, a) - lengthOf(dataset, b)),
      batchSize,
    ),
  );
  return shuffle(batches, random);
}

/**
 * Batches for evaluation: the longest texts first, so that a lack of memory shows at once.
 *
 * @param examples indexes of the texts to batch. @default all
 * @returns places in `examples`
 */
export function sortedBatches(
  dataset: EncodedDataset,
  batchSize: number,
  examples: readonly number[] = [...dataset.labels.keys()],
): number[][] {
  const order = [...examples.keys()].sort(
    (a, b) => lengthOf(dataset, examples[b]!) - lengthOf(dataset, examples[a]!),
  );
  return chunks(order, batchSize);
}

/** Gathers examples into a batch. */
export function padBatch(
  dataset: EncodedDataset,
  indexes: readonly number[],
  padTokenId: number,
): Batch {
  const lengths = Int32Array.from(indexes, (i) => lengthOf(dataset, i));
  const length = lengths.reduce((a, b) => Math.max(a, b), 0);
  const inputIds = new Int32Array(indexes.length * length).fill(padTokenId);
  for (const [row, i] of indexes.entries()) {
    const ids = dataset.inputIds.subarray(dataset.offsets[i]!, dataset.offsets[i + 1]!);
    inputIds.set(ids, row * length);
  }
  return { inputIds, lengths, length, labels: Int32Array.from(indexes, (i) => dataset.labels[i]!) };
}

/** What the graphs' placeholders `input_ids` and `lengths` are fed with. */
export const batchFeeds = ({ inputIds, lengths, length }: Batch) => ({
  input_ids: { shape: [lengths.length, length], data: inputIds },
  lengths: { shape: [lengths.length], data: lengths },
});
