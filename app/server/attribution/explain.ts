import { type Attribution, shapley } from './shapley.js';
import { partsOf } from './words.js';

/** Texts computed for one attribution, about: what bounds the time of a long one. */
const BUDGET = 600;

export interface Explanation extends Attribution {
  /** The parts of the text, in their order; `values[i]` is that of `parts[i]`. */
  parts: string[];
}

/**
 * What each word adds to a label's probability: Shapley values, where a coalition's value is the
 * probability of the text that has only these words.
 *
 * @param probability of the label, for many texts at once
 */
export async function explain(
  text: string,
  probability: (texts: string[]) => Promise<number[]>,
): Promise<Explanation> {
  const parts = partsOf(text);
  const pairs = Math.max(2, Math.floor(BUDGET / (2 * Math.max(1, parts.length))));
  const game = (subsets: number[][]) =>
    probability(subsets.map((members) => members.map((i) => parts[i]).join(' ')));
  return { parts, ...(await shapley(parts.length, game, { pairs: Math.min(pairs, 32) })) };
}
