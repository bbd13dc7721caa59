import { readFileSync } from 'node:fs';
import { reliabilityBins, toScores } from 'model-registry';
import { describe, expect, it } from 'vitest';
import { confusionMatrix } from '../eval/confusion.js';
import { classificationMetrics, type Metrics } from '../eval/metrics.js';
import { rocCurve } from '../eval/roc.js';
import { wilson } from '../eval/wilson.js';

interface Case {
  name: string;
  labels: number[];
  probabilities: number[][];
  metrics: Metrics<number>;
  wilson: [low: number, high: number];
  bootstrap: Metrics<{ low: number; high: number; mean: number }>;
  confusion: number[][];
  bins: { low: number; high: number; rows: number; confidence: number; accuracy: number }[];
  roc: [falsePositiveRates: number[], truePositiveRates: number[]];
}

/** Made by make-classification-metrics.py with scikit-learn, SciPy and NumPy. */
const cases: Case[] = JSON.parse(
  readFileSync(new URL('fixtures/classification-metrics.json', import.meta.url), 'utf8'),
);
const names = ['accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'ece'] as const;

function scoresOf({ labels, probabilities }: Pick<Case, 'labels' | 'probabilities'>) {
  return toScores(
    labels.map((label, row) => ({
      id: String(row),
      text: '',
      label,
      probabilities: probabilities[row]!,
    })),
    probabilities[0]!.length,
  );
}

describe.each(cases)('classification metrics, $name', (reference) => {
  const scores = scoresOf(reference);
  const metrics = classificationMetrics(scores);

  it.each(names)('%s is what scikit-learn and NumPy compute', (name) => {
    expect(metrics[name].value).toBeCloseTo(reference.metrics[name], 12);
  });

  it('has the accuracy in the Wilson interval that SciPy computes', () => {
    expect(metrics.accuracy.low).toBeCloseTo(reference.wilson[0], 10);
    expect(metrics.accuracy.high).toBeCloseTo(reference.wilson[1], 10);
  });

  it.each(['precision', 'recall', 'f1', 'roc_auc'] as const)(
    'has the interval of %s near that of 4,000 resamples by NumPy',
    (name) => {
      const { low, high } = reference.bootstrap[name];
      const tolerance = 0.15 * (high - low);
      expect(Math.abs(metrics[name].low - low)).toBeLessThan(tolerance);
      expect(Math.abs(metrics[name].high - high)).toBeLessThan(tolerance);
    },
  );

  it('has the calibration error within an interval as wide as that of the resamples', () => {
    const { low, high } = reference.bootstrap.ece;
    const { value, ...ece } = metrics.ece;
    expect(ece.low).toBeLessThanOrEqual(value);
    expect(ece.high).toBeGreaterThanOrEqual(value);
    expect(ece.high - ece.low).toBeLessThan(1.15 * (high - low));
  });

  it('counts the confusion matrix, rows the truth, columns the prediction', () => {
    expect(confusionMatrix(scores)).toEqual(reference.confusion);
  });

  it('draws the ROC curve through the same points', () => {
    const [falsePositiveRates, truePositiveRates] = reference.roc;
    const curve = rocCurve(scores, 1);
    expect(curve).toHaveLength(falsePositiveRates.length);
    for (const [place, [x, y]] of curve.entries()) {
      expect(x).toBeCloseTo(falsePositiveRates[place]!, 12);
      expect(y).toBeCloseTo(truePositiveRates[place]!, 12);
    }
  });

  it('fills the reliability bins with the same rows', () => {
    const filled = reliabilityBins(scores).filter(({ rows }) => rows > 0);
    expect(filled.map(({ rows }) => rows)).toEqual(reference.bins.map(({ rows }) => rows));
    for (const [place, bin] of filled.entries()) {
      expect(bin.confidence).toBeCloseTo(reference.bins[place]!.confidence, 12);
      expect(bin.accuracy).toBeCloseTo(reference.bins[place]!.accuracy, 12);
    }
  });
});

describe('classification metrics', () => {
  const perfect = scoresOf({
    labels: [0, 1, 0, 1],
    probabilities: [
      [0.9, 0.1],
      [0.2, 0.8],
      [1, 0],
      [0, 1],
    ],
  });

  it('gives the same intervals for the same seed and others for another', () => {
    const scores = scoresOf(cases[0]!);
    const first = classificationMetrics(scores, { seed: 7 });
    expect(classificationMetrics(scores, { seed: 7 })).toEqual(first);
    expect(classificationMetrics(scores, { seed: 8 })).not.toEqual(first);
  });

  it('stays within 0 and 1 where every row is right', () => {
    const { accuracy, f1, roc_auc } = classificationMetrics(perfect);
    expect(accuracy).toMatchObject({ value: 1, high: 1 });
    expect(accuracy.low).toBeGreaterThan(0.3);
    expect(f1.value).toBe(1);
    expect(roc_auc).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('has no ROC-AUC where all rows have one label', () => {
    const scores = scoresOf({
      labels: [1, 1],
      probabilities: [
        [0.4, 0.6],
        [0.7, 0.3],
      ],
    });
    expect(classificationMetrics(scores).roc_auc.value).toBeNaN();
  });

  it('thins a ROC curve of many rows, ends kept', () => {
    const rows = 20_000;
    const labels = Array.from({ length: rows }, (_, row) => row % 2);
    const curve = rocCurve(
      scoresOf({
        labels,
        probabilities: labels.map((label, row) => {
          const positive = (((row * 7919) % rows) / rows) * 0.6 + label * 0.3;
          return [1 - positive, positive];
        }),
      }),
      1,
      0.01,
    );
    expect(curve[0]).toEqual([0, 0]);
    expect(curve.at(-1)).toEqual([1, 1]);
    expect(curve.length).toBeLessThan(250);
  });

  it('takes less than 3 seconds of one core for 50,000 rows and 1,000 resamples', () => {
    const rows = 50_000;
    const labels = Array.from({ length: rows }, (_, row) => (row * 31) % 2);
    const scores = scoresOf({
      labels,
      probabilities: labels.map((label, row) => {
        const positive = (((row * 7919) % rows) / rows) * 0.6 + label * 0.3;
        return [1 - positive, positive];
      }),
    });
    const start = process.cpuUsage();
    classificationMetrics(scores);
    expect(process.cpuUsage(start).user).toBeLessThan(3e6);
  });
});

describe('wilson', () => {
  it('gives an interval for no hits and for all', () => {
    expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0 });
    expect(wilson(0, 10).high).toBeCloseTo(0.2775, 4);
    expect(wilson(10, 10)).toMatchObject({ value: 1, high: 1 });
  });
});
