/** A figure and the ends of its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * The share of `hits` among `rows` with Wilson's score interval (1927), which stays within 0 and 1
 * and holds its promise for few rows and for shares near the ends. NaN where there are no rows.
 */
export function wilson(hits: number, rows: number): Estimate {
  const share = hits / rows;
  const scale = 1 + (Z * Z) / rows;
  const center = (share + (Z * Z) / (2 * rows)) / scale;
  const reach = (Z / scale) * Math.sqrt((share * (1 - share)) / rows + (Z / (2 * rows)) ** 2);
  // Rounding may leave an end beyond the share itself where all or none are hits.
  return {
    value: share,
    low: Math.min(share, center - reach),
    high: Math.max(share, center + reach),
  };
}
