/**
 * McNemar's exact test, two-sided, of two classifiers on the same rows: how probable is a split as
 * uneven as this one, or more, where each row that only one of them gets right falls to either with
 * probability ½? 1 where there is no such row.
 *
 * Source: McNemar 1947; Dietterich 1998, "Approximate Statistical Tests for Comparing Supervised
 * Classification Learning Algorithms".
 */
export function mcnemarExact(onlyFirstRight: number, onlySecondRight: number): number {
  const rows = onlyFirstRight + onlySecondRight;
  const fewer = Math.min(onlyFirstRight, onlySecondRight);
  // Binomial probabilities from `fewer` downward, relative to the first of them.
  let relative = 1;
  let sum = 0;
  for (let hits = fewer; hits >= 0 && relative > 1e-20 * sum; hits--) {
    sum += relative;
    relative *= hits / (rows - hits + 1);
  }
  return Math.min(1, 2 * sum * Math.exp(logBinomial(rows, fewer) - rows * Math.LN2));
}

/** log of "n choose k". */
function logBinomial(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Stirling's series; exact sums below the point from which it has 15 digits. */
function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let factor = 2; factor <= n; factor++) product *= factor;
    return Math.log(product);
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5) - 1 / (1680 * n ** 7);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series;
}
