import {
  bootstrap,
  expectedCalibrationError,
  once,
  quantile,
  reliabilityBins,
  type Scores,
} from 'model-registry';
import { accuracy, confusionMatrix, precisionRecallF1 } from './confusion.js';
import { rank, rankedLabels, rocAuc } from './roc.js';
import { type Estimate, wilson } from './wilson.js';

/** The figures of a classifier, all between 0 and 1. Higher is better but for `ece`. */
export interface Metrics<Figure> {
  readonly accuracy: Figure;
  /** Of two labels for the second, of more the mean over the labels; so are recall and F1. */
  readonly precision: Figure;
  readonly recall: Figure;
  readonly f1: Figure;
  /** Of two labels for the second, of more each against the rest, the mean. */
  readonly roc_auc: Figure;
  /** Expected calibration error, 15 bins. */
  readonly ece: Figure;
}

/**
 * The metrics of the test split, each with its 95 % interval: Wilson's for the accuracy, for the
 * others the percentiles over bootstrap resamples of the rows. ROC-AUC is NaN where all rows have
 * one label. The same seed gives the same intervals.
 */
export function classificationMetrics(
  scores: Scores,
  { resamples = 1000, seed = 1 }: { resamples?: number; seed?: number } = {},
): Metrics<Estimate> {
  const rankings = rankedLabels(scores.classes).map((label) => rank(scores, label));
  const measure = (weights: Uint16Array): Metrics<number> => {
    const matrix = confusionMatrix(scores, weights);
    return {
      accuracy: accuracy(matrix),
      ...precisionRecallF1(matrix),
      roc_auc: rocAuc(rankings, weights),
      ece: expectedCalibrationError(reliabilityBins(scores, weights)),
    };
  };

  const measured = measure(once(scores));
  const drawn: Metrics<number>[] = [];
  bootstrap(scores.rows, { resamples, seed }, (weights) => drawn.push(measure(weights)));

  const percentiles = (name: keyof Metrics<number>): Estimate => {
    const sorted = Float64Array.from(drawn, (metrics) => metrics[name])
      .filter(Number.isFinite)
      .sort();
    return { value: measured[name], low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  };
  return {
    accuracy: wilson(Math.round(measured.accuracy * scores.rows), scores.rows),
    precision: percentiles('precision'),
    recall: percentiles('recall'),
    f1: percentiles('f1'),
    roc_auc: percentiles('roc_auc'),
    ece: recentered(percentiles('ece'), mean(drawn.map(({ ece }) => ece))),
  };
}

/**
 * A gap never is negative, so the noise that resampling adds only widens gaps, and the drawn errors
 * lie above the measured one, for a well calibrated model all of them. Their spread is right, their
 * place is not: this moves them back by the mean excess.
 */
function recentered({ value, low, high }: Estimate, drawnMean: number): Estimate {
  const excess = drawnMean - value;
  return { value, low: Math.max(0, low - excess), high: Math.max(0, high - excess) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}
