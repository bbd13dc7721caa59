import { PriorityQueue } from './priority-queue.js';

interface Word {
  pieces: number[];
  frequency: number;
}

interface Candidate {
  pair: number;
  frequency: number;
}

/** Pairs of ids are single numbers, so that they can be keys. */
const IDS = 2 ** 26;
const pairOf = (left: number, right: number) => left * IDS + right;

/** How often each pair of neighboring pieces stands in the words, and where. */
export class PairIndex {
  private readonly frequencies = new Map<number, number>();
  private readonly words = new Map<number, Set<Word>>();
  /** Holds outdated frequencies as well; they are passed over when their turn comes. */
  private readonly candidates = new PriorityQueue<Candidate>(
    (a, b) => a.frequency > b.frequency || (a.frequency === b.frequency && a.pair < b.pair),
  );
  private readonly changed = new Set<number>();

  addWord(pieces: number[], frequency: number): void {
    this.count({ pieces, frequency }, 1);
  }

  /** The most frequent pair, or undefined when none is frequent enough. */
  takeMostFrequent(minFrequency: number): [left: number, right: number] | undefined {
    for (const pair of this.changed) {
      const frequency = this.frequencies.get(pair)!;
      if (frequency >= minFrequency) this.candidates.push({ pair, frequency });
    }
    this.changed.clear();
    for (let next = this.candidates.pop(); next !== undefined; next = this.candidates.pop()) {
      if (next.frequency === this.frequencies.get(next.pair)) {
        return [Math.floor(next.pair / IDS), next.pair % IDS];
      }
    }
    return undefined;
  }

  /** Replaces the pair by one piece wherever it stands. */
  merge(left: number, right: number, merged: number): void {
    const pair = pairOf(left, right);
    const words = this.words.get(pair) ?? [];
    this.words.delete(pair);
    for (const word of words) {
      this.count(word, -1);
      word.pieces = replacePair(word.pieces, left, right, merged);
      this.count(word, 1);
    }
  }

  private count(word: Word, sign: 1 | -1): void {
    const { pieces, frequency } = word;
    for (let i = 1; i < pieces.length; i++) {
      const pair = pairOf(pieces[i - 1]!, pieces[i]!);
      this.frequencies.set(pair, (this.frequencies.get(pair) ?? 0) + sign * frequency);
      this.changed.add(pair);
      if (sign > 0) {
        const words = this.words.get(pair);
        if (words === undefined) this.words.set(pair, new Set([word]));
        else words.add(word);
      }
    }
  }
}

function replacePair(pieces: number[], left: number, right: number, merged: number): number[] {
  const replaced: number[] = [];
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) {
      replaced.push(merged);
      i++;
    } else {
      replaced.push(pieces[i]!);
    }
  }
  return replaced;
}
