import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface ShapleyOptions {
  /** Words that all subsets are computed of: 2ⁿ values. Beyond, orders are sampled. @default 7 */
  readonly exactUpTo?: number;
  /** Orders that are sampled; each comes with its reverse. @default 16 */
  readonly pairs?: number;
  readonly seed?: number;
}

export interface Attribution {
  /** A value for each player; they add up to `full − empty`. */
  values: number[];
  /** Value of all players together. */
  full: number;
  /** Value of none. */
  empty: number;
  /** Whether every subset was computed, so that the values are exact. */
  exact: boolean;
}

/** Values of subsets of the players: an ascending list of indexes each. */
export type Game = (subsets: number[][]) => Promise<number[]>;

/**
 * Shapley values: what each of `n` players adds to the game's value, averaged over all orders in
 * which they may come (Shapley 1953). Where the orders are too many, a sample of them (Castro et al.
 * 2009), each with its reverse, which lowers the variance (Mitchell et al. 2022). In each order the
 * players' additions telescope, so the values add up to `full − empty` either way.
 */
export async function shapley(
  n: number,
  game: Game,
  { exactUpTo = 7, pairs = 16, seed = 1 }: ShapleyOptions = {},
): Promise<Attribution> {
  const exact = n <= exactUpTo;
  const orders = exact ? [] : sampledOrders(n, pairs, seed);
  const subsets = exact ? allSubsets(n) : prefixesOf(orders, n);
  const keys = [...subsets.keys()];
  const results = await game([...subsets.values()]);
  const value = new Map(keys.map((key, i) => [key, results[i]!]));
  const of = (members: Iterable<number>) => value.get(keyOf(members, n))!;
  const full = of(Array.from({ length: n }, (_, i) => i));
  const empty = of([]);
  const values = exact ? exactValues(n, subsets, of) : sampledValues(n, orders, of);
  return { values, full, empty, exact };
}

type Value = (members: Iterable<number>) => number;

/** φᵢ = Σ over S without i of |S|! (n − |S| − 1)! / n! · (v(S ∪ {i}) − v(S)). */
function exactValues(n: number, subsets: Map<string, number[]>, of: Value): number[] {
  const values = new Array<number>(n).fill(0);
  for (const subset of subsets.values()) {
    const size = subset.length;
    const inside = new Set(subset);
    const before = of(subset);
    for (let i = 0; i < n; i++) {
      if (inside.has(i)) continue;
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n);
      values[i]! += weight * (of([...subset, i]) - before);
    }
  }
  return values;
}

function sampledValues(n: number, orders: number[][], of: Value): number[] {
  const values = new Array<number>(n).fill(0);
  for (const order of orders) {
    let before = of([]);
    for (const [place, player] of order.entries()) {
      const after = of(order.slice(0, place + 1));
      values[player]! += (after - before) / orders.length;
      before = after;
    }
  }
  return values;
}

function sampledOrders(n: number, pairs: number, seed: number): number[][] {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: pairs }, () => {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = uniformInt(random, 0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return [order, order.toReversed()];
  }).flat();
}

function allSubsets(n: number): Map<string, number[]> {
  const subsets = new Map<string, number[]>();
  for (let bits = 0; bits < 2 ** n; bits++) {
    const members = Array.from({ length: n }, (_, i) => i).filter((i) => bits & (1 << i));
    subsets.set(keyOf(members, n), members);
  }
  return subsets;
}

function prefixesOf(orders: number[][], n: number): Map<string, number[]> {
  const subsets = new Map<string, number[]>();
  for (const order of orders) {
    for (let size = 0; size <= n; size++) {
      const members = order.slice(0, size).sort((a, b) => a - b);
      subsets.set(keyOf(members, n), members);
    }
  }
  return subsets;
}

function keyOf(members: Iterable<number>, n: number): string {
  const bits = new Array<0 | 1>(n).fill(0);
  for (const i of members) bits[i] = 1;
  return bits.join('');
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
