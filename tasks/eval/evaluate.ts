import { type EvaluatedText, reliabilityBins, type Scores, toScores } from 'model-registry';
import type { EvalMetrics, TrainManifest } from '../pipeline/manifest.js';
import { type ConfusionMatrix, confusionMatrix } from './confusion.js';
import { classificationMetrics, type Metrics } from './metrics.js';
import { mistakesTable } from './mistakes.js';
import { confusionMatrixPlot } from './plots/confusion-matrix.js';
import { reliabilityPlot } from './plots/reliability.js';
import { rocPlot } from './plots/roc.js';
import { slicesPlot } from './plots/slices.js';
import { trainingCurvesPlot } from './plots/training-curves.js';
import type { Prediction } from './predict.js';
import { type Slice, slices, slicesOf } from './slices.js';
import type { Estimate } from './wilson.js';

/** Where the table of mistakes lies among the run's artifacts. */
export const MISTAKES = 'eval/mistakes.json';

/** Predictions and all that is computed of them. */
export interface Measured {
  readonly predictions: readonly Prediction[];
  readonly labels: readonly string[];
  readonly scores: Scores;
  readonly confusion: ConfusionMatrix;
  readonly metrics: Metrics<Estimate>;
  readonly slices: readonly Slice[];
}

/** Computes all figures of the predictions. `seed` is the bootstrap's. */
export function measure(
  predictions: readonly Prediction[],
  labels: readonly string[],
  seed: number,
): Measured {
  const scores = toScores(predictions, labels.length);
  return {
    predictions,
    labels,
    scores,
    confusion: confusionMatrix(scores),
    metrics: classificationMetrics(scores, { seed }),
    slices: slices(predictions),
  };
}

/** The figures as the manifest has them. */
export function figuresOf({
  metrics,
  slices,
  confusion,
}: Measured): Pick<EvalMetrics, 'metrics' | 'slices' | 'confusion_matrix'> {
  return {
    metrics: {
      ...Object.assign({}, ...Object.entries(metrics).map(([name, of]) => withInterval(name, of))),
      accuracy: metrics.accuracy.value,
    },
    slices: slices.map(({ name, rows, accuracy }) => ({
      name,
      rows,
      metrics: withInterval('accuracy', accuracy),
    })),
    confusion_matrix: confusion,
  };
}

/** The files that show them, by their path among the artifacts. */
export function filesOf(measured: Measured, training: TrainManifest): Record<string, string> {
  const { predictions, labels, scores, confusion, metrics, slices } = measured;
  return {
    'plots/confusion-matrix.svg': confusionMatrixPlot(confusion, labels),
    ...(Number.isFinite(metrics.roc_auc.value) && {
      'plots/roc.svg': rocPlot(scores, labels, metrics.roc_auc),
    }),
    'plots/reliability.svg': reliabilityPlot(reliabilityBins(scores), metrics.ece),
    'plots/training-curves.svg': trainingCurvesPlot(training),
    'plots/slices.svg': slicesPlot(slices, metrics.accuracy),
    [MISTAKES]: JSON.stringify(mistakesTable(predictions, labels)),
  };
}

/** Predictions as JSONL, without the texts: `{"id", "label", "probabilities", "slices"}`. */
export function predictionLines(predictions: readonly Prediction[]): string {
  return predictions
    .map(({ id, label, probabilities, text }): EvaluatedText => {
      return { id, label, probabilities, slices: slicesOf(text) };
    })
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** A figure and its interval under three names; none where the figure is not defined. */
function withInterval(name: string, { value, low, high }: Estimate): Record<string, number> {
  if (!Number.isFinite(value)) return {};
  return { [name]: value, [`${name}_low`]: low, [`${name}_high`]: high };
}
