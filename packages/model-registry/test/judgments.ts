import { createHash } from 'node:crypto';
import type { Evaluation, Judgment } from '../src/index.js';

/** How sure a made-up model is of each text, whether it is right or not. */
const SURE = 0.9;

export interface MadeUp {
  modelId?: string;
  /** For each text whether the model is right: `1` or `0`. */
  right: string;
  /** For each text the slices that it is in. */
  slices?: (row: number) => string[];
  /** The probability of the predicted label. */
  confidence?: (row: number) => number;
  test?: string;
  labels?: string[];
  latency?: number;
}

/** What eval would leave of a model that is right and wrong on these texts. */
export function judgment({
  modelId = 'm-1',
  right,
  slices = () => [],
  confidence = () => SURE,
  test = 'the test set',
  labels = ['negative', 'positive'],
  latency,
}: MadeUp): Judgment {
  const predictions = [...right].map((hit, row) => {
    const label = row % 2;
    const predicted = hit === '1' ? label : 1 - label;
    const sure = confidence(row);
    const probabilities = predicted === 0 ? [sure, 1 - sure] : [1 - sure, sure];
    return { id: `r${row}`, label, probabilities, slices: slices(row) };
  });
  const accuracy = [...right].filter((hit) => hit === '1').length / right.length;
  const evaluation: Evaluation = {
    version: 1,
    model_id: modelId,
    rows: right.length,
    metrics: { accuracy },
    slices: [],
    reviews_per_second: 100,
    test_sha256: createHash('sha256').update(test).digest('hex'),
    labels,
    ...(latency !== undefined && { latency: { median_ms: latency, p95_ms: 2 * latency } }),
  };
  return { evaluation, predictions };
}
