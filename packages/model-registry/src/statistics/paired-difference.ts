/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The difference of two classifiers' accuracies on the same rows, first − second, with Tango's score
 * interval of 95 %: the differences that a score test at 5 % does not reject. Unlike Wald's it
 * keeps its promise for few rows, and stays within −1 and 1. NaN where there are no rows.
 *
 * Source: Tango 1998, "Equivalence test and confidence interval for the difference in proportions for
 * the paired-sample design".
 *
 * @param rows all of them, also those on which both are right or both are wrong
 */
export function pairedDifference(
  onlyFirstRight: number,
  onlySecondRight: number,
  rows: number,
): { difference: number; low: number; high: number } {
  const difference = (onlyFirstRight - onlySecondRight) / rows;
  const score = (delta: number) => scoreOf(delta, onlyFirstRight, onlySecondRight, rows);
  return {
    difference,
    low: crossing(score, difference, -1, Z),
    high: crossing(score, difference, 1, -Z),
  };
}

/** How many standard errors the observed difference lies above `delta`, were that the true one. */
function scoreOf(delta: number, first: number, second: number, rows: number): number {
  const distance = first - second - rows * delta;
  // The most likely share of rows that only the second gets right, given delta.
  const b = (2 * rows + second - first) * delta - first - second;
  const c = -second * delta * (1 - delta);
  const share = (Math.sqrt(Math.max(0, b * b - 8 * rows * c)) - b) / (4 * rows);
  const variance = rows * (2 * share + delta * (1 - delta));
  if (variance > 0) return distance / Math.sqrt(variance);
  return distance === 0 ? 0 : distance > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** Where between `inside` and `end` the falling score is `level`; `end` where it does not get there. */
function crossing(
  score: (delta: number) => number,
  inside: number,
  end: number,
  level: number,
): number {
  let [within, beyond] = [inside, end];
  for (let step = 0; step < 60; step++) {
    const middle = (within + beyond) / 2;
    if (Math.abs(score(middle)) < Math.abs(level)) within = middle;
    else beyond = middle;
  }
  return within;
}
