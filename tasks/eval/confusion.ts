import { once, type Scores } from 'model-registry';

/** `matrix[truth][predicted]` is a number of rows. */
export type ConfusionMatrix = number[][];

/** Counts the rows of each pair of true and predicted label. */
export function confusionMatrix(scores: Scores, weights = once(scores)): ConfusionMatrix {
  const { rows, classes, truth, predicted } = scores;
  const cells = new Float64Array(classes * classes);
  for (let row = 0; row < rows; row++) {
    cells[truth[row]! * classes + predicted[row]!]! += weights[row]!;
  }
  return Array.from({ length: classes }, (_, label) =>
    Array.from(cells.subarray(label * classes, (label + 1) * classes)),
  );
}

/** The share of rows on the diagonal. */
export function accuracy(matrix: ConfusionMatrix): number {
  return sum(matrix.map((row, label) => row[label]!)) / sum(matrix.flat());
}

/**
 * Precision, recall and F1. Of two labels the second is the positive one (scikit-learn's
 * `pos_label=1`); of more, each is the plain mean over the labels that occur among truth or
 * predictions (`average="macro"`). A fraction of nothing counts as 0 (`zero_division=0`).
 */
export function precisionRecallF1(matrix: ConfusionMatrix): {
  precision: number;
  recall: number;
  f1: number;
} {
  const perLabel = matrix.map((row, label) => {
    const hits = row[label]!;
    const actual = sum(row);
    const claimed = sum(matrix.map((other) => other[label]!));
    return {
      occurs: actual + claimed > 0,
      precision: fraction(hits, claimed),
      recall: fraction(hits, actual),
      f1: fraction(2 * hits, claimed + actual),
    };
  });
  const counted = matrix.length === 2 ? [perLabel[1]!] : perLabel.filter(({ occurs }) => occurs);
  return {
    precision: sum(counted.map(({ precision }) => precision)) / counted.length,
    recall: sum(counted.map(({ recall }) => recall)) / counted.length,
    f1: sum(counted.map(({ f1 }) => f1)) / counted.length,
  };
}

function fraction(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
