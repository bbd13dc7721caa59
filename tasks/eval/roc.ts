import type { Scores } from 'model-registry';

/** The rows in order of one label's probability, made once and walked for every resample. */
export interface Ranking {
  /** [rows] 1 where the row has this label, from the lowest probability to the highest */
  readonly positive: Uint8Array;
  /** [rows] the rows in that order */
  readonly order: Uint32Array;
  /** [rows] 1 where the next row's probability is another one */
  readonly lastOfEquals: Uint8Array;
}

/** Ranks the rows by the probability of `label`. */
export function rank(scores: Scores, label: number): Ranking {
  const probability = scores.probabilities[label]!;
  const order = Uint32Array.from({ length: scores.rows }, (_, row) => row).sort(
    (a, b) => probability[a]! - probability[b]!,
  );
  return {
    order,
    positive: Uint8Array.from(order, (row) => (scores.truth[row] === label ? 1 : 0)),
    lastOfEquals: Uint8Array.from(order, (row, place) =>
      probability[row] === probability[order[place + 1]!] ? 0 : 1,
    ),
  };
}

/**
 * The labels whose ROC curve counts: of two the second; of more, each against the rest.
 */
export function rankedLabels(classes: number): number[] {
  return classes === 2 ? [1] : Array.from({ length: classes }, (_, label) => label);
}

/**
 * Area under the ROC curve: the chance that a row of the label is ranked above one of another,
 * equals counting half. NaN where there are no rows of one side.
 */
export function areaUnderRoc(ranking: Ranking, weights: Uint16Array): number {
  const { order, positive, lastOfEquals } = ranking;
  let below = 0;
  let positives = 0;
  let area = 0;
  let equalPositives = 0;
  let equalNegatives = 0;
  for (let place = 0; place < order.length; place++) {
    const weight = weights[order[place]!]!;
    if (positive[place]) equalPositives += weight;
    else equalNegatives += weight;
    if (lastOfEquals[place]) {
      area += equalPositives * (below + equalNegatives / 2);
      positives += equalPositives;
      below += equalNegatives;
      equalPositives = 0;
      equalNegatives = 0;
    }
  }
  return area / (positives * below);
}

/**
 * ROC-AUC of the whole: the mean over `rankings` of those that are defined (scikit-learn's
 * one-vs-rest, macro). NaN where none is.
 */
export function rocAuc(rankings: readonly Ranking[], weights: Uint16Array): number {
  const areas = rankings.map((ranking) => areaUnderRoc(ranking, weights)).filter(Number.isFinite);
  return areas.reduce((total, area) => total + area, 0) / areas.length;
}

/** A point of the curve: false and true positive rate. */
export type RocPoint = readonly [falsePositiveRate: number, truePositiveRate: number];

/**
 * The ROC curve from (0, 0) to (1, 1), one point a threshold; points closer than `spacing` to the
 * last one in both rates are left out, which keeps a plot of 50,000 rows small.
 */
export function rocCurve(scores: Scores, label: number, spacing = 0): RocPoint[] {
  const { order, positive, lastOfEquals } = rank(scores, label);
  const positives = positive.reduce((count, flag) => count + flag, 0);
  const points: RocPoint[] = [[0, 0]];
  let hits = 0;
  let alarms = 0;
  for (let place = order.length - 1; place >= 0; place--) {
    if (positive[place]) hits++;
    else alarms++;
    if (place > 0 && !lastOfEquals[place - 1]) continue;
    const point: RocPoint = [alarms / (scores.rows - positives), hits / positives];
    const last = points.at(-1)!;
    if (place === 0 || Math.max(point[0] - last[0], point[1] - last[1]) >= spacing) {
      points.push(point);
    }
  }
  return points;
}
