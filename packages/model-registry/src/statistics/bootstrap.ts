import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * Draws `resamples` samples of `rows` rows with replacement (Efron 1979) and gives each to `visit`
 * as the number of times that a row was drawn. The array is reused: read it, do not keep it.
 */
export function bootstrap(
  rows: number,
  { resamples, seed }: { resamples: number; seed: number },
  visit: (weights: Uint16Array) => void,
): void {
  const random = xoroshiro128plus(seed);
  const weights = new Uint16Array(rows);
  const scale = rows / 2 ** 32;
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[((random.next() >>> 0) * scale) | 0]!++;
    visit(weights);
  }
}

/** The `share` quantile of numbers, interpolated between neighbors as NumPy does. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
