import { bootstrap } from './bootstrap.js';
import { expectedCalibrationError, reliabilityBins } from './calibration.js';
import type { Scores } from './scores.js';

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The expected calibration errors of two classifiers on the same rows, and their difference, first −
 * second, with a normal interval of 95 %. Its standard error is from paired bootstrap resamples, for
 * which 200 are enough (Efron and Tibshirani 1993, chapter 6).
 */
export function calibrationDifference(
  first: Scores,
  second: Scores,
  { resamples = 200, seed = 1 }: { resamples?: number; seed?: number } = {},
): { first: number; second: number; difference: number; low: number; high: number } {
  const errorOf = (scores: Scores, weights?: Uint16Array) =>
    expectedCalibrationError(reliabilityBins(scores, weights));
  const drawn: number[] = [];
  bootstrap(first.rows, { resamples, seed }, (weights) => {
    drawn.push(errorOf(first, weights) - errorOf(second, weights));
  });
  const mean = drawn.reduce((sum, one) => sum + one, 0) / resamples;
  const squares = drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const reach = Z * Math.sqrt(squares / (resamples - 1));
  const errors = { first: errorOf(first), second: errorOf(second) };
  const difference = errors.first - errors.second;
  return { ...errors, difference, low: difference - reach, high: difference + reach };
}
