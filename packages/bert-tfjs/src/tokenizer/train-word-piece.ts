import { BertPreTokenizer } from '@huggingface/tokenizers';
import type { NormalizerOptions } from './bert-normalizer.js';
import type { CleaningName } from './cleaning.js';
import { PairIndex } from './pair-index.js';
import { Tokenizer } from './tokenizer.js';
import { CASED } from './tokenizer-config.js';
import { SPECIAL_TOKENS } from './vocabulary.js';

export interface WordPieceOptions {
  /** Most tokens to make, special tokens included. */
  vocabSize: number;
  /** A pair of pieces is merged only if it stands in the texts this often. @default 2 */
  minFrequency?: number;
  /** Most characters to keep; rarer ones become [UNK]. @default 1000 */
  limitAlphabet?: number;
  /** How the tokenizer is going to normalize text. @default CASED */
  normalizer?: NormalizerOptions;
  /** What it is going to clean texts with before. @default none */
  cleaning?: CleaningName | null;
}

/** BERT's tokenizer makes longer words [UNK], so there is nothing to learn from them. */
const MAX_WORD_LENGTH = 100;

/**
 * Makes a WordPiece vocabulary for a BERT tokenizer: the special tokens ([PAD] is 0), the
 * characters, then the merges. As in Hugging Face's `WordPieceTrainer`, the pair of neighboring
 * pieces that is most frequent is merged next (byte-pair encoding with a ## prefix), not the pair
 * that raises the likelihood most. The result depends only on how often each word stands in the
 * texts, not on their order; of equally frequent pairs the older pieces come first.
 */
export function trainWordPiece(texts: Iterable<string>, options: WordPieceOptions): string[] {
  const { vocabSize, minFrequency = 2, limitAlphabet = 1000 } = options;
  if (vocabSize < SPECIAL_TOKENS.length) {
    throw new RangeError(`vocabSize ${vocabSize} has no room for the special tokens`);
  }
  const words = [...countWords(texts, options)].sort(byFrequency);
  const alphabet = chooseAlphabet(words, limitAlphabet, vocabSize - SPECIAL_TOKENS.length);
  const tokens = [...SPECIAL_TOKENS, ...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const pairs = new PairIndex();
  for (const [word, frequency] of words) {
    const pieces = charactersOf(word).map((piece) => ids.get(piece));
    // A word with a character outside the alphabet is [UNK] as a whole.
    if (pieces.every((id) => id !== undefined)) pairs.addWord(pieces, frequency);
  }
  while (tokens.length < vocabSize) {
    const pair = pairs.takeMostFrequent(minFrequency);
    if (pair === undefined) break;
    const [left, right] = pair;
    const merged = tokens[left]! + tokens[right]!.slice('##'.length);
    // Different pairs can spell the same token.
    let id = ids.get(merged);
    if (id === undefined) {
      id = tokens.push(merged) - 1;
      ids.set(merged, id);
    }
    pairs.merge(left, right, id);
  }
  return tokens;
}

function countWords(
  texts: Iterable<string>,
  { normalizer = CASED, cleaning = null }: WordPieceOptions,
): Map<string, number> {
  const { maxLength } = CASED;
  const tokenizer = Tokenizer.fromVocabulary(SPECIAL_TOKENS, { ...normalizer, maxLength });
  const cleaner = tokenizer.withCleaning(cleaning);
  const preTokenizer = new BertPreTokenizer();
  const frequencies = new Map<string, number>();
  for (const text of texts) {
    for (const word of preTokenizer.pre_tokenize_text(cleaner.normalize(text))) {
      if (word.length <= MAX_WORD_LENGTH) add(frequencies, word, 1);
    }
  }
  return frequencies;
}

/** A word's characters as pieces: the first as it is, the others with ##. */
function charactersOf(word: string): string[] {
  return Array.from(word, (character, index) => (index === 0 ? character : `##${character}`));
}

/** The pieces of one character that are most frequent, of the most frequent characters. */
function chooseAlphabet(
  words: [string, number][],
  limitCharacters: number,
  limitPieces: number,
): string[] {
  const characters = new Map<string, number>();
  const pieces = new Map<string, number>();
  for (const [word, frequency] of words) {
    for (const character of word) add(characters, character, frequency);
    for (const piece of charactersOf(word)) add(pieces, piece, frequency);
  }
  const kept = new Set([...characters].sort(byFrequency).slice(0, limitCharacters).map(first));
  return [...pieces]
    .filter(([piece]) => kept.has(Array.from(piece).at(-1)!))
    .sort(byFrequency)
    .slice(0, limitPieces)
    .map(first)
    .sort();
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function byFrequency(a: [string, number], b: [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}

function first([key]: [string, number]): string {
  return key;
}
