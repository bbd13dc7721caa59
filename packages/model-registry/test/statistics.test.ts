import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { holm } from '../src/statistics/holm.js';
import { mcnemarExact } from '../src/statistics/mcnemar.js';
import { pairedDifference } from '../src/statistics/paired-difference.js';

interface Reference {
  pairs: {
    onlyFirstRight: number;
    onlySecondRight: number;
    rows: number;
    mcnemar: number;
    binomial: number;
    interval: [low: number, high: number];
  }[];
  holm: { p: number[]; adjusted: number[] };
}

/** Made by make-statistics.py with SciPy and statsmodels. */
const reference: Reference = JSON.parse(
  readFileSync(new URL('statistics.json', import.meta.url), 'utf8'),
);

describe.each(reference.pairs)(
  'of $rows rows $onlyFirstRight that only the first gets right, $onlySecondRight only the second',
  ({ onlyFirstRight, onlySecondRight, rows, mcnemar, binomial, interval }) => {
    it('McNemar’s exact p is that of statsmodels and of SciPy', () => {
      const p = mcnemarExact(onlyFirstRight, onlySecondRight);
      expect(p / mcnemar).toBeCloseTo(1, 9);
      expect(p / binomial).toBeCloseTo(1, 9);
    });

    it('the interval is the one that SciPy finds by maximizing the likelihood', () => {
      const { difference, low, high } = pairedDifference(onlyFirstRight, onlySecondRight, rows);
      expect(difference).toBe((onlyFirstRight - onlySecondRight) / rows);
      expect(low).toBeCloseTo(interval[0], 6);
      expect(high).toBeCloseTo(interval[1], 6);
    });
  },
);

describe('without a row that only one gets right', () => {
  it('the p-value is 1, and the interval lies around 0', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
    const { difference, low, high } = pairedDifference(0, 0, 100);
    expect(difference).toBe(0);
    expect(low).toBeCloseTo(-high, 10);
    expect(high).toBeGreaterThan(0.01);
    expect(high).toBeLessThan(0.05);
  });
});

it('an interval has 95 % of the differences of repeated tests', () => {
  // 2,000 tests of 200 rows, of which each classifier alone gets 10 % and 6 % right.
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let inside = 0;
  for (let test = 0; test < 2000; test++) {
    let [first, second] = [0, 0];
    for (let row = 0; row < 200; row++) {
      const draw = random();
      if (draw < 0.1) first++;
      else if (draw < 0.16) second++;
    }
    const { low, high } = pairedDifference(first, second, 200);
    if (low <= 0.04 && 0.04 <= high) inside++;
  }
  expect(inside / 2000).toBeGreaterThan(0.93);
  expect(inside / 2000).toBeLessThan(0.97);
});

it('Holm’s adjustment is that of statsmodels', () => {
  const { p, adjusted } = reference.holm;
  for (const [index, value] of holm(p).entries()) expect(value).toBeCloseTo(adjusted[index]!, 12);
});
