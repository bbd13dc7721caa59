import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../src/tokenizer/tokenizer.js';
import { trainWordPiece } from '../src/tokenizer/train-word-piece.js';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** Sentences over 30 words, the first words far more frequent. */
function makeTexts(count: number): string[] {
  const stems = ['영화', '배우', '연기', '음악', '이야기', '결말', '장면', '대사', '감독', '화면'];
  const endings = ['가', '는', '도'];
  let state = 1;
  const next = (below: number) => {
    state = (state * 48271) % 2147483647;
    return Math.min(state % below, (state >> 8) % below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 12 }, () => `${stems[next(10)]}${endings[next(3)]}`).join(' '),
  );
}

describe('trainWordPiece', () => {
  it('merges the most frequent pair of neighbors first', () => {
    // ab and bc stand 3 and 2 times; of the pairs a+##b, ab+##c the first is the more frequent.
    expect(trainWordPiece(['abc abc ab'], { vocabSize: 100 })).toEqual([
      ...SPECIAL,
      '##b',
      '##c',
      'a',
      'ab',
      'abc',
    ]);
  });

  it('counts a pair in all its words, and once where it overlaps itself', () => {
    const tokens = trainWordPiece(['aaaa aaaa'], { vocabSize: 100 });
    expect(tokens).toEqual([...SPECIAL, '##a', 'a', '##aa', 'aaa', 'aaaa']);
  });

  it('leaves out pairs that are rarer than minFrequency', () => {
    const texts = ['좋다 좋다 좋다 싫다 싫다'];
    const words = (minFrequency: number) =>
      trainWordPiece(texts, { vocabSize: 100, minFrequency }).filter((token) =>
        ['좋다', '싫다'].includes(token),
      );
    expect(words(2)).toEqual(['좋다', '싫다']);
    expect(words(3)).toEqual(['좋다']);
    expect(words(4)).toEqual([]);
  });

  it('keeps the most frequent characters when there is room for no more', () => {
    expect(trainWordPiece(['가 가 가 나 나 다'], { vocabSize: 100, limitAlphabet: 2 })).toEqual([
      ...SPECIAL,
      '가',
      '나',
    ]);
    expect(trainWordPiece(['가 가 가 나 나 다'], { vocabSize: 6 })).toEqual([...SPECIAL, '가']);
    expect(() => trainWordPiece([], { vocabSize: 4 })).toThrow(RangeError);
  });

  it('gives the special tokens alone for no text', () => {
    expect(trainWordPiece([], { vocabSize: 100 })).toEqual(SPECIAL);
  });

  it('normalizes and splits texts as the tokenizer does', () => {
    const normalizer = { doLowerCase: true, stripAccents: true, tokenizeChineseChars: true };
    expect(trainWordPiece(['Éa!', 'ea?', '好好'], { vocabSize: 100, normalizer })).toEqual([
      ...SPECIAL,
      '!',
      '##a',
      '?',
      'e',
      '好',
      'ea',
    ]);
  });

  it('cleans texts as the tokenizer does, where it is going to', () => {
    const texts = ['좋다아아아아아 https://example.com/abc ★', '좋다아아 ★'];
    const cleaned = trainWordPiece(texts, { vocabSize: 100, cleaning: 'kcbert-v1' });
    expect(cleaned).toContain('좋다아아');
    expect(cleaned).not.toContain('★');
    expect(cleaned.join(' ')).not.toMatch(/ [a-z]/);
    expect(trainWordPiece(texts, { vocabSize: 100 })).toContain('★');
  });

  it('gives the same vocabulary for the same texts in any order', () => {
    const texts = makeTexts(200);
    const vocabulary = trainWordPiece(texts, { vocabSize: 60 });
    expect(vocabulary).toHaveLength(60);
    expect(new Set(vocabulary).size).toBe(60);
    expect(trainWordPiece(texts.toReversed(), { vocabSize: 60 })).toEqual(vocabulary);
  });

  it('makes a vocabulary in which frequent words are one token and none is unknown', () => {
    const texts = makeTexts(200);
    const vocabulary = trainWordPiece(texts, { vocabSize: 200 });
    const tokenizer = Tokenizer.fromVocabulary(vocabulary);
    expect([...tokenizer.encode('영화가', 10)]).toEqual([2, vocabulary.indexOf('영화가'), 3]);
    for (const text of texts) expect(tokenizer.encode(text, 100)).not.toContain(1);
  });
});
