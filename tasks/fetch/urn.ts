import type { Random } from './random.js';

/**
 * An urn of balls of several kinds, drawn without replacement: as many draws as there are balls
 * give exactly the counts it was filled with, in random order. One urn a label, one draw a row, and
 * a stream of rows is split at random with exact, stratified counts, without being held in memory
 * (selection sampling: Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
 */
export class Urn<Kind extends string> {
  readonly #counts: Record<Kind, number>;
  readonly #random: Random;
  #left: number;

  constructor(counts: Readonly<Record<Kind, number>>, random: Random) {
    this.#counts = { ...counts };
    this.#random = random;
    this.#left = Object.values<number>(counts).reduce((sum, count) => sum + count, 0);
  }

  /** One ball; undefined where the urn is empty. */
  draw(): Kind | undefined {
    if (this.#left === 0) return undefined;
    const kind = this.#random.weighted(this.#counts);
    this.#counts[kind]--;
    this.#left--;
    return kind;
  }
}
