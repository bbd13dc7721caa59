/**
 * Draws `resamples` samples of `rows` rows with replacement (Efron 1979) and gives each to `visit`
 * as the number of times that a row was drawn. The array is reused: read it, do not keep it.
 */
export function bootstrap(
  rows: number,
  { resamples, seed }: { resamples: number; seed: number },
  visit: (weights: Uint16Array) => void,
): void {
  const random = xorshift128(seed);
  const weights = new Uint16Array(rows);
  const scale = rows / 2 ** 32;
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[(random() * scale) | 0]!++;
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

/** Unsigned 32-bit numbers of Marsaglia's xorshift with 128 bits of state (2003). */
function xorshift128(seed: number): () => number {
  let [x, y, z, w] = [seed | 0, 362436069, 521288629, 88675123];
  const next = () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ (t ^ (t >>> 8));
    return w >>> 0;
  };
  // The first numbers still show the seed.
  for (let skip = 0; skip < 16; skip++) next();
  return next;
}
