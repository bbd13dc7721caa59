import type { StageContext } from '../pipeline/context.js';
import type { Row } from './read-split.js';

/** A row of the test split and what the model says of it. */
export interface Prediction extends Row {
  /** One probability a label, in label order. */
  readonly probabilities: readonly number[];
}

/** Predicts the rows of these indexes. */
export type Classify = (
  indexes: readonly number[],
  options: { batchSize: number; signal: AbortSignal },
) => Promise<{ readonly probabilities: readonly number[] }[]>;

/** Batches a call: after each the progress is shown. */
const BATCHES = 4;

/**
 * Predicts all rows, the longest first: rows of one batch are of like length, so little is padded,
 * and what does not fit into memory fails at the start. The predictions come in the rows' order.
 *
 * @returns with the speed after a warm-up, for which the first batch is predicted twice
 * @throws the signal's reason, between two batches
 */
export async function predictRows(
  classify: Classify,
  rows: readonly Row[],
  { batchSize }: { batchSize: number },
  { progress, signal }: Pick<StageContext, 'progress' | 'signal'>,
): Promise<{ predictions: Prediction[]; reviewsPerSecond: number }> {
  const byLength = rows
    .map((_, index) => index)
    .sort((a, b) => rows[b]!.text.length - rows[a]!.text.length);
  const predictions = new Array<Prediction>(rows.length);
  const bar = progress('Predicting the test split', rows.length);
  try {
    await classify(byLength.slice(0, batchSize), { batchSize, signal });
    const start = performance.now();
    let done = 0;
    const speed = () => done / ((performance.now() - start) / 1000);
    while (done < rows.length) {
      const part = byLength.slice(done, done + BATCHES * batchSize);
      const results = await classify(part, { batchSize, signal });
      part.forEach((row, place) => {
        predictions[row] = { ...rows[row]!, probabilities: results[place]!.probabilities };
      });
      done += part.length;
      bar.update(done, `${Math.round(speed())} texts/s`);
    }
    return { predictions, reviewsPerSecond: speed() };
  } finally {
    bar.stop();
  }
}
