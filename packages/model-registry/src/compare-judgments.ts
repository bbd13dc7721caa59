import {
  type Comparison,
  type Contestant,
  DEFAULT_LIMITS,
  type Figures,
  LEVEL,
  type Limits,
  notComparable,
  type Obstacle,
  type PassedLimits,
  type SliceLoss,
} from './comparison.js';
import type { EvaluatedText, Judgment } from './evaluation.js';
import { explain } from './reasons.js';
import { calibrationDifference } from './statistics/calibration-difference.js';
import { holm } from './statistics/holm.js';
import { mcnemarExact } from './statistics/mcnemar.js';
import { pairedDifference } from './statistics/paired-difference.js';
import { predictedLabel, toScores } from './statistics/scores.js';

export interface Judged {
  contestant: Contestant;
  judgment: Judgment;
}

/**
 * Compares two models by their predictions for the same texts.
 *
 * - `worse`: fewer texts are right and McNemar's test says that this is no chance, or a limit is
 *   passed by more than chance: calibration, a slice, latency.
 * - `better`: more texts are right, no chance either, and no limit is passed.
 * - `equal`: neither.
 * - `not comparable`: they were judged on different texts or labels.
 *
 * @param sideBySide whether both latencies were measured on the same machine at the same time
 */
export function compareJudgments(
  challenger: Judged,
  champion: Judged,
  { sideBySide, limits = DEFAULT_LIMITS }: { sideBySide: boolean; limits?: Limits | undefined },
): Comparison {
  const contestants = { challenger: challenger.contestant, champion: champion.contestant };
  const obstacle = obstacleTo(challenger.judgment, champion.judgment);
  if (obstacle) return notComparable(contestants, ...obstacle);
  const figures = figuresOf(challenger.judgment, champion.judgment, sideBySide);
  const passed = passedLimits(figures, limits);
  const difference = figures.mcnemar.p < LEVEL ? figures.accuracy.difference : 0;
  const isWorse = difference < 0 || Object.values(passed).includes(true);
  const verdict = isWorse ? 'worse' : difference > 0 ? 'better' : 'equal';
  const reasons = explain(contestants, { figures, passed, limits });
  return { version: 1, verdict, reasons, ...contestants, figures, limits, passed };
}

function obstacleTo(
  challenger: Judgment,
  champion: Judgment,
): [reason: string, Obstacle] | undefined {
  const [one, other] = [challenger.evaluation, champion.evaluation];
  if (one.labels && other.labels && one.labels.join('\n') !== other.labels.join('\n')) {
    const labels = `${one.labels.join(', ')}, and ${other.labels.join(', ')}`;
    return [`They know different labels: ${labels}.`, 'other labels'];
  }
  if (one.test_sha256 === undefined || one.test_sha256 !== other.test_sha256) {
    return ['They were judged on different test sets.', 'other test set'];
  }
  const inOrder = challenger.predictions.every(
    ({ id, label }, row) =>
      champion.predictions[row]?.id === id && champion.predictions[row].label === label,
  );
  const sameRows = challenger.predictions.length === champion.predictions.length;
  return inOrder && sameRows
    ? undefined
    : ['Their predictions are not of the same texts.', 'other test set'];
}

function figuresOf(challenger: Judgment, champion: Judgment, sideBySide: boolean): Figures {
  const right = [challenger, champion].map(({ predictions }) =>
    predictions.map((row) => predictedLabel(row) === row.label),
  ) as [boolean[], boolean[]];
  const all = challenger.predictions.map((_, row) => row);
  const [onlyChallengerRight, onlyChampionRight] = disagreements(right, all);
  const classes = challenger.predictions[0]!.probabilities.length;
  const { first, second, ...calibration } = calibrationDifference(
    toScores(challenger.predictions, classes),
    toScores(champion.predictions, classes),
  );
  const [mine, theirs] = [challenger, champion].map((one) => one.evaluation.latency?.median_ms);
  return {
    rows: all.length,
    accuracy: pairedDifference(onlyChallengerRight, onlyChampionRight, all.length),
    mcnemar: {
      onlyChallengerRight,
      onlyChampionRight,
      p: mcnemarExact(onlyChallengerRight, onlyChampionRight),
    },
    calibration: { challenger: first, champion: second, ...calibration },
    worstSlice: worstSlice(challenger.predictions, right),
    latency:
      sideBySide && mine !== undefined && theirs !== undefined
        ? { challenger: mine, champion: theirs, ratio: mine / theirs }
        : null,
  };
}

/** How many of the rows only the challenger gets right, and how many only the champion. */
function disagreements(
  [challenger, champion]: [boolean[], boolean[]],
  rows: readonly number[],
): [number, number] {
  let [onlyChallenger, onlyChampion] = [0, 0];
  for (const row of rows) {
    if (challenger[row] && !champion[row]) onlyChallenger++;
    if (champion[row] && !challenger[row]) onlyChampion++;
  }
  return [onlyChallenger, onlyChampion];
}

/** Of the slices that lose more than chance the one that loses most, else of all of them. */
function worstSlice(
  predictions: readonly EvaluatedText[],
  right: [boolean[], boolean[]],
): SliceLoss | null {
  const members = new Map<string, number[]>();
  for (const [row, { slices = [] }] of predictions.entries()) {
    for (const name of slices) {
      const rows = members.get(name);
      if (rows) rows.push(row);
      else members.set(name, [row]);
    }
  }
  const losses = [...members].map(([name, rows]) => {
    const [won, lost] = disagreements(right, rows);
    const champion = rows.filter((row) => right[1][row]).length / rows.length;
    const difference = (won - lost) / rows.length;
    const challenger = champion + difference;
    return {
      name,
      rows: rows.length,
      challenger,
      champion,
      difference,
      p: mcnemarExact(won, lost),
    };
  });
  const adjusted = holm(losses.map(({ p }) => p));
  const slices = losses.map((loss, index) => ({ ...loss, p: adjusted[index]! }));
  const beyondChance = slices.filter(({ p, difference }) => p < LEVEL && difference < 0);
  const [worst] = (beyondChance.length > 0 ? beyondChance : slices).sort(
    (a, b) => a.difference - b.difference,
  );
  return worst ?? null;
}

function passedLimits({ calibration, worstSlice, latency }: Figures, limits: Limits): PassedLimits {
  return {
    calibration: calibration.difference > limits.calibrationIncrease && calibration.low > 0,
    slice: worstSlice !== null && -worstSlice.difference > limits.sliceDrop && worstSlice.p < LEVEL,
    latency: latency !== null && limits.slowdown !== null && latency.ratio > limits.slowdown,
  };
}
