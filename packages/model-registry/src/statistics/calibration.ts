import { once, type Scores } from './scores.js';

/** Rows whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  /** Mean probability of the predicted label; NaN in an empty bin. */
  readonly confidence: number;
  /** Share of right predictions; NaN in an empty bin. */
  readonly accuracy: number;
}

/**
 * Bins of equal width over the confidence, the probability of the predicted label.
 * Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", 15 bins.
 */
export function reliabilityBins(
  scores: Scores,
  weights = once(scores),
  count = 15,
): ReliabilityBin[] {
  const { rows, truth, predicted, confidence } = scores;
  const sizes = new Float64Array(count);
  const confidences = new Float64Array(count);
  const hits = new Float64Array(count);
  for (let row = 0; row < rows; row++) {
    const weight = weights[row]!;
    const bin = Math.min(count, Math.max(1, Math.ceil(confidence[row]! * count))) - 1;
    sizes[bin]! += weight;
    confidences[bin]! += weight * confidence[row]!;
    if (truth[row] === predicted[row]) hits[bin]! += weight;
  }
  return Array.from({ length: count }, (_, bin) => ({
    low: bin / count,
    high: (bin + 1) / count,
    rows: sizes[bin]!,
    confidence: confidences[bin]! / sizes[bin]!,
    accuracy: hits[bin]! / sizes[bin]!,
  }));
}

/** Expected calibration error: the mean gap of confidence and accuracy, bins weighted by rows. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let rows = 0;
  let gaps = 0;
  for (const bin of bins) {
    if (bin.rows === 0) continue;
    rows += bin.rows;
    gaps += bin.rows * Math.abs(bin.accuracy - bin.confidence);
  }
  return gaps / rows;
}
