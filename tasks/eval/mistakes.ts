import { predictedLabel } from 'model-registry';
import type { Prediction } from './predict.js';

/** A table in the form that MLflow's page shows: column names and rows. */
export interface Table {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (string | number)[])[];
}

/**
 * The mistakes of which the model was surest, surest first: label errors of the data set and what
 * the model does not understand both come to the top.
 */
export function mistakesTable(
  predictions: readonly Prediction[],
  labels: readonly string[],
  limit = 100,
): Table {
  const data = predictions
    .map((row) => ({ ...row, predicted: predictedLabel(row) }))
    .filter(({ label, predicted }) => label !== predicted)
    .map((row) => ({ ...row, confidence: row.probabilities[row.predicted]! }))
    .sort((a, b) => b.confidence - a.confidence || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
    .map(({ text, label, predicted, confidence, id }) => [
      text,
      labels[label]!,
      labels[predicted]!,
      Number(confidence.toFixed(4)),
      id,
    ]);
  return { columns: ['text', 'label', 'predicted', 'confidence', 'id'], data };
}
