/**
 * Adjusts the p-values of several tests so that the chance of even one false alarm stays below the
 * level that each is then held against.
 *
 * Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, index) => index).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length);
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (p.length - rank) * p[index]!));
    adjusted[index] = highest;
  }
  return adjusted;
}
