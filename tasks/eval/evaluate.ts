import { reliabilityBins, toScores } from 'model-registry';
import type { EvalMetrics, TrainManifest } from '../pipeline/manifest.js';
import { confusionMatrix } from './confusion.js';
import { classificationMetrics } from './metrics.js';
import { mistakesTable } from './mistakes.js';
import { confusionMatrixPlot } from './plots/confusion-matrix.js';
import { reliabilityPlot } from './plots/reliability.js';
import { rocPlot } from './plots/roc.js';
import { slicesPlot } from './plots/slices.js';
import { trainingCurvesPlot } from './plots/training-curves.js';
import type { Prediction } from './predict.js';
import { slices } from './slices.js';
import type { Estimate } from './wilson.js';

/** Where the table of mistakes lies among the run's artifacts. */
export const MISTAKES = 'eval/mistakes.json';

/** The figures of a model, and the files that show them, by their path among the artifacts. */
export interface Evaluation {
  readonly metrics: EvalMetrics['metrics'];
  readonly slices: EvalMetrics['slices'];
  readonly files: Record<string, string>;
}

/** Computes all figures of the predictions, and draws them. `seed` is the bootstrap's. */
export function evaluate(
  predictions: readonly Prediction[],
  labels: readonly string[],
  training: TrainManifest,
  seed: number,
): Evaluation {
  const scores = toScores(predictions, labels.length);
  const metrics = classificationMetrics(scores, { seed });
  const parts = slices(predictions);
  return {
    metrics: {
      ...Object.assign({}, ...Object.entries(metrics).map(([name, of]) => withInterval(name, of))),
      accuracy: metrics.accuracy.value,
    },
    slices: parts.map(({ name, rows, accuracy }) => ({
      name,
      rows,
      metrics: withInterval('accuracy', accuracy),
    })),
    files: {
      'plots/confusion-matrix.svg': confusionMatrixPlot(confusionMatrix(scores), labels),
      ...(Number.isFinite(metrics.roc_auc.value) && {
        'plots/roc.svg': rocPlot(scores, labels, metrics.roc_auc),
      }),
      'plots/reliability.svg': reliabilityPlot(reliabilityBins(scores), metrics.ece),
      'plots/training-curves.svg': trainingCurvesPlot(training),
      'plots/slices.svg': slicesPlot(parts, metrics.accuracy),
      [MISTAKES]: JSON.stringify(mistakesTable(predictions, labels)),
      'eval/predictions.jsonl': predictions
        .map(({ id, label, probabilities }) => `${JSON.stringify({ id, label, probabilities })}\n`)
        .join(''),
    },
  };
}

/** A figure and its interval under three names; none where the figure is not defined. */
function withInterval(name: string, { value, low, high }: Estimate): Record<string, number> {
  if (!Number.isFinite(value)) return {};
  return { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high };
}
