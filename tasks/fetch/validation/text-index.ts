/** What is known of a text when it comes again. */
export interface Seen {
  /** Split and label that the text first came with. */
  split: number;
  label: number;
}

/** Texts kept at once: about 25 MB. */
const CAPACITY = 1 << 20;

/**
 * Remembers texts by a 64-bit hash. Of more texts than fit, those are kept whose hash ends in one,
 * two, … zero bits: a fixed sample that holds all copies of a text or none, so that what is counted
 * over it, times `scale`, estimates the count over all.
 */
export class TextIndex {
  readonly #low = new Uint32Array(CAPACITY * 2);
  readonly #high = new Uint32Array(CAPACITY * 2);
  readonly #labels = new Uint16Array(CAPACITY * 2);
  readonly #splits = new Uint8Array(CAPACITY * 2);
  #size = 0;
  #skipped = 0;

  /** How many texts one in the sample stands for. */
  get scale(): number {
    return 2 ** this.#skipped;
  }

  /**
   * Notes a text.
   *
   * @returns what it came with before; `new` where it did not; `skipped` outside the sample
   */
  add(text: string, split: number, label: number): Seen | 'new' | 'skipped' {
    const low = hash(text, 0x9e3779b1);
    if (!this.#isSampled(low)) return 'skipped';
    const high = hash(text, 0x85ebca77) || 1;
    const slot = this.#find(low, high);
    if (this.#high[slot] !== 0) {
      return { split: this.#splits[slot]!, label: this.#labels[slot]! };
    }
    this.#set(slot, low, high, split, label);
    if (++this.#size === CAPACITY) this.#halve();
    return 'new';
  }

  #isSampled(low: number): boolean {
    return (low & (this.scale - 1)) === 0;
  }

  /** The slot of a hash, or the free one where it belongs; `high` is never 0 in a taken one. */
  #find(low: number, high: number): number {
    const mask = CAPACITY * 2 - 1;
    let slot = high & mask;
    while (this.#high[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #set(slot: number, low: number, high: number, split: number, label: number): void {
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#splits[slot] = split;
    this.#labels[slot] = label;
  }

  #halve(): void {
    const [low, high] = [this.#low.slice(), this.#high.slice()];
    const [splits, labels] = [this.#splits.slice(), this.#labels.slice()];
    this.#high.fill(0);
    this.#skipped++;
    this.#size = 0;
    for (const [slot, value] of high.entries()) {
      if (value === 0 || !this.#isSampled(low[slot]!)) continue;
      this.#set(this.#find(low[slot]!, value), low[slot]!, value, splits[slot]!, labels[slot]!);
      this.#size++;
    }
  }
}

/** FNV-1a over UTF-16 units, with a final mix (MurmurHash3's), since the low bits are used alone. */
function hash(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
