/** A text of the test split and what a model says of it. */
export interface TestPrediction {
  readonly id: string;
  /** The true label, an index into the data set's label names. */
  readonly label: number;
  /** One probability a label, in label order. */
  readonly probabilities: readonly number[];
}

/**
 * The predictions as columns, which the metrics pass over a thousand times. A weight says how often
 * a row counts: 1 for the test split itself, 0, 1, 2 … in a bootstrap resample.
 */
export interface Scores {
  readonly rows: number;
  /** The number of labels. */
  readonly classes: number;
  /** [rows] the true label */
  readonly truth: Int32Array;
  /** [rows] the label of the highest probability (the first of equals) */
  readonly predicted: Int32Array;
  /** [rows] that probability */
  readonly confidence: Float64Array;
  /** [classes][rows] the probability of each label */
  readonly probabilities: readonly Float64Array[];
}

/** Turns predictions into columns. `classes` is the number of labels. */
export function toScores(predictions: readonly TestPrediction[], classes: number): Scores {
  const rows = predictions.length;
  const truth = new Int32Array(rows);
  const predicted = new Int32Array(rows);
  const confidence = new Float64Array(rows);
  const probabilities = Array.from({ length: classes }, () => new Float64Array(rows));
  predictions.forEach((prediction, row) => {
    truth[row] = prediction.label;
    predicted[row] = predictedLabel(prediction);
    confidence[row] = prediction.probabilities[predicted[row]]!;
    for (let label = 0; label < classes; label++) {
      probabilities[label]![row] = prediction.probabilities[label]!;
    }
  });
  return { rows, classes, truth, predicted, confidence, probabilities };
}

/** The label of the highest probability; the first of equals, as NumPy's argmax. */
export function predictedLabel({ probabilities }: Pick<TestPrediction, 'probabilities'>): number {
  let best = 0;
  for (let label = 1; label < probabilities.length; label++) {
    if (probabilities[label]! > probabilities[best]!) best = label;
  }
  return best;
}

/** Weights that count each row once. */
export function once(scores: Scores): Uint16Array {
  return new Uint16Array(scores.rows).fill(1);
}
