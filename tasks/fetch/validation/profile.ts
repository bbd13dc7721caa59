/** Upper ends of the bins that lengths are counted in, in characters; the last bin has no end. */
export const LENGTH_BINS = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500] as const;

/** Characters told apart; the others are counted together. Korean texts have few more. */
const CHARACTERS = 1000;

/** What a train split is like, in figures that say nothing of a single text. */
export interface Profile {
  texts: number;
  /** Texts by label. */
  labels: Record<string, number>;
  /** Texts by length: one count for each of `LENGTH_BINS`, and one for longer ones. */
  lengths: number[];
  /** How often the commonest characters occur, the commonest first, spaces left out. */
  characters: Record<string, number>;
  /** All characters, those left out above too. */
  all_characters: number;
}

/** Counts what a profile holds, text by text. */
export class Profiler {
  readonly #labels: number[];
  readonly #lengths = LENGTH_BINS.map(() => 0);
  /** By UTF-16 unit: all of Hangul has one unit a character, and an emoji counts by its parts. */
  readonly #units = new Float64Array(1 << 16);
  #longer = 0;
  #texts = 0;

  constructor(private readonly labelNames: readonly string[]) {
    this.#labels = labelNames.map(() => 0);
  }

  add(text: string, label: number): void {
    this.#texts++;
    this.#labels[label]!++;
    const bin = LENGTH_BINS.findIndex((end) => text.length <= end);
    if (bin === -1) this.#longer++;
    else this.#lengths[bin]!++;
    for (let at = 0; at < text.length; at++) this.#units[text.charCodeAt(at)]!++;
  }

  profile(): Profile {
    const counts = [...this.#units.entries()]
      .map(([unit, count]): [string, number] => [String.fromCharCode(unit), count])
      .filter(([character, count]) => count > 0 && /[^\s\p{Cs}]/u.test(character))
      .sort(([, a], [, b]) => b - a);
    return {
      texts: this.#texts,
      labels: Object.fromEntries(
        this.labelNames.map((name, label) => [name, this.#labels[label]!]),
      ),
      lengths: [...this.#lengths, this.#longer],
      characters: Object.fromEntries(counts.slice(0, CHARACTERS)),
      all_characters: counts.reduce((sum, [, count]) => sum + count, 0),
    };
  }
}
