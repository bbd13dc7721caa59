import { setImmediate } from 'node:timers/promises';
import { type Batch, type EncodedDataset, sortedBatches } from './batches.js';
import type { HiddenBatch } from './hidden-state-file.js';
import type { TrainGraph } from './train-graph.js';

// Larger batches than in training cost little memory: no activation is kept.
const BATCH_SIZE = 128;

/**
 * Mean cross-entropy and accuracy over a dataset, without dropout.
 *
 * @throws the signal's reason when it is aborted
 */
export async function evaluate(
  graph: TrainGraph,
  dataset: EncodedDataset,
  batchOf: (dataset: EncodedDataset, indexes: readonly number[]) => Promise<Batch | HiddenBatch>,
  signal?: AbortSignal,
): Promise<{ devLoss: number; devAccuracy: number }> {
  let loss = 0;
  let correct = 0;
  for (const indexes of sortedBatches(dataset, BATCH_SIZE)) {
    await setImmediate();
    signal?.throwIfAborted();
    const batch = await batchOf(dataset, indexes);
    const logits = graph.logits(batch);
    const classes = logits.length / indexes.length;
    for (const [row, label] of batch.labels.entries()) {
      const scores = logits.subarray(row * classes, (row + 1) * classes);
      const highest = scores.reduce((a, b) => Math.max(a, b));
      const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
      loss += Math.log(total) + highest - scores[label]!;
      if (scores[label] === highest) correct++;
    }
  }
  const rows = dataset.labels.length;
  return { devLoss: loss / rows, devAccuracy: correct / rows };
}
