import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Seeded random choices: the same seed gives the same sequence on every Node version. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** Uniform integer in [0, below). */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability;
  }

  /** One element, each equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  /** One key of a table of integer weights, as likely as its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[];
    let left = this.integer(keys.reduce((sum, key) => sum + weights[key], 0));
    return keys.find((key) => {
      left -= weights[key];
      return left < 0;
    })!;
  }
}
