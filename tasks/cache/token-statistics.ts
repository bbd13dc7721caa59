/** Texts longer than so many tokens are counted as so long. */
const LONGEST = 2048;
const EXAMPLES = 3;

/** What a tokenizer makes of a split. */
export interface TokenStatistics {
  texts: number;
  /** Tokens of whole texts, [CLS] and [SEP] left out. */
  tokens: number;
  /** Those of them that the vocabulary has no entry for. */
  unknown: number;
  /** Texts by their number of tokens, [CLS] and [SEP] included: the index is the length. */
  lengths: number[];
  /** Ids of the first texts with an unknown token, and of the first that are cut off. */
  examples: { unknown: string[]; truncated: string[] };
}

/** Counts what a split's texts are made of, text by text. */
export class TokenCounter {
  readonly #lengths = new Uint32Array(LONGEST + 1);
  readonly #examples = { unknown: [] as string[], truncated: [] as string[] };
  #texts = 0;
  #tokens = 0;
  #unknown = 0;

  constructor(
    private readonly maxLength: number,
    private readonly unkId: number,
  ) {}

  /** @param ids of the whole text */
  add(id: string, ids: Int32Array): void {
    this.#texts++;
    this.#tokens += ids.length - 2;
    this.#lengths[Math.min(ids.length, LONGEST)]!++;
    if (ids.length > this.maxLength) note(this.#examples.truncated, id);
    let unknown = 0;
    for (const each of ids) if (each === this.unkId) unknown++;
    if (unknown > 0) note(this.#examples.unknown, id);
    this.#unknown += unknown;
  }

  statistics(): TokenStatistics {
    const longest = this.#lengths.findLastIndex((texts) => texts > 0);
    return {
      texts: this.#texts,
      tokens: this.#tokens,
      unknown: this.#unknown,
      lengths: [...this.#lengths.subarray(0, longest + 1)],
      examples: this.#examples,
    };
  }
}

function note(examples: string[], id: string): void {
  if (examples.length < EXAMPLES) examples.push(id);
}

/** The shortest length that this share of the texts does not exceed. */
export function lengthQuantile({ texts, lengths }: TokenStatistics, share: number): number {
  let seen = 0;
  return lengths.findIndex((count) => {
    seen += count;
    return seen >= share * texts;
  });
}

/** Texts of more tokens than `maxLength`. */
export function longerThan({ lengths }: TokenStatistics, maxLength: number): number {
  return lengths.slice(maxLength + 1).reduce((sum, count) => sum + count, 0);
}
