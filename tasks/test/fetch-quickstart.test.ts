import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  circumstance,
  concessions,
  longNegation,
  modifier,
  type Predicate,
  past,
  prospective,
  quotation,
  sentenceEndings,
  shortNegation,
} from '../fetch/korean/conjugation.js';
import { withParticle } from '../fetch/korean/hangul.js';
import { BLAME, DELIGHT, DISMAY, PRAISE } from '../fetch/quickstart/lexicon.js';
import { generateReviews, LABEL_NOISE, type Review } from '../fetch/quickstart/quickstart.js';

const good: Predicate = { kind: 'adjective', stem: '좋', infinitive: '좋아' };
const dull: Predicate = { kind: 'adjective', stem: '지루하', infinitive: '지루해' };
const lovely: Predicate = {
  kind: 'adjective',
  stem: '아름답',
  infinitive: '아름다워',
  openStem: '아름다우',
};
const funny: Predicate = { kind: 'verb', stem: '웃기', infinitive: '웃겨' };
const fun: Predicate = { kind: 'existence', stem: '재미있', infinitive: '재미있어' };
const poor: Predicate = { kind: 'copula', stem: '별로', infinitive: '' };
const moving: Predicate = { kind: 'copula', stem: '감동적', infinitive: '' };

describe('particles', () => {
  it('follow the final consonant of the noun', () => {
    expect(withParticle('스토리', 'topic')).toBe('스토리는');
    expect(withParticle('음악', 'topic')).toBe('음악은');
    expect(withParticle('연기', 'subject')).toBe('연기가');
    expect(withParticle('결말', 'subject')).toBe('결말이');
    expect(withParticle('대사', 'object')).toBe('대사를');
    expect(withParticle('반전', 'also')).toBe('반전도');
  });
});

describe('conjugation', () => {
  it.each([
    ['plain', ['좋다', '지루하다', '아름답다', '웃긴다', '재미있다', '별로다', '감동적이다']],
    [
      'polite',
      ['좋아요', '지루해요', '아름다워요', '웃겨요', '재미있어요', '별로예요', '감동적이에요'],
    ],
    [
      'formal',
      [
        '좋습니다',
        '지루합니다',
        '아름답습니다',
        '웃깁니다',
        '재미있습니다',
        '별로입니다',
        '감동적입니다',
      ],
    ],
    ['casual', ['좋아', '지루해', '아름다워', '웃겨', '재미있어', '별로야', '감동적이야']],
    ['note', ['좋음', '지루함', '아름다움', '웃김', '재미있음', '별로임', '감동적임']],
  ] as const)('ends a sentence in the %s style', (style, expected) => {
    const predicates = [good, dull, lovely, funny, fun, poor, moving];
    expect(predicates.map((each) => sentenceEndings(each, style)[0])).toEqual(expected);
  });

  it('makes the past', () => {
    const all = [good, dull, lovely, funny, fun, poor, moving].map(past);
    expect(all.map((each) => sentenceEndings(each, 'plain')[0])).toEqual([
      '좋았다',
      '지루했다',
      '아름다웠다',
      '웃겼다',
      '재미있었다',
      '별로였다',
      '감동적이었다',
    ]);
  });

  it('negates', () => {
    expect(sentenceEndings(longNegation(dull), 'polite')[0]).toBe('지루하지 않아요');
    expect(sentenceEndings(past(longNegation(moving)), 'plain')[0]).toBe('감동적이지 않았다');
    expect(sentenceEndings(longNegation(funny), 'plain')[0]).toBe('웃기지 않는다');
    expect(sentenceEndings(past(shortNegation(lovely)), 'casual')[0]).toBe('안 아름다웠어');
  });

  it('joins clauses and modifies nouns', () => {
    expect([good, dull, lovely, funny, fun, poor].map(circumstance)).toEqual([
      '좋은데',
      '지루한데',
      '아름다운데',
      '웃기는데',
      '재미있는데',
      '별로인데',
    ]);
    expect(concessions(moving)).toContain('감동적이긴 하지만');
    expect([good, dull, lovely, fun, moving].map(modifier)).toEqual([
      '좋은',
      '지루한',
      '아름다운',
      '재미있는',
      '감동적인',
    ]);
    expect([good, dull, lovely, fun, poor].map(prospective)).toEqual([
      '좋을',
      '지루할',
      '아름다울',
      '재미있을',
      '별로일',
    ]);
    expect([funny, poor, moving].map(quotation)).toEqual(['웃긴다', '별로라', '감동적이라']);
  });

  it('takes every predicate of the lexicon through every style, tense and negation', () => {
    for (const predicate of [...PRAISE, ...BLAME, ...DELIGHT, ...DISMAY]) {
      for (const style of ['plain', 'polite', 'formal', 'casual', 'note'] as const) {
        for (const form of [predicate, past(predicate), longNegation(predicate)]) {
          for (const ending of sentenceEndings(form, style)) {
            expect(ending).toMatch(/^[가-힣 ]+$/);
          }
        }
      }
    }
  });
});

describe('quickstart reviews', () => {
  const reviews = generateReviews();
  const all = [...reviews.train, ...reviews.test];

  it('are the same for the same seed, and others for another', () => {
    const digest = createHash('sha256').update(JSON.stringify(reviews)).digest('hex');
    expect(digest).toBe('f01186141869d1e29350aff9e4ed04ccb277312e2945b46c11debb564f52fe77');
    expect(generateReviews({ train: 10, test: 0 }, 43).train).not.toEqual(
      reviews.train.slice(0, 10),
    );
  });

  it('hold no text twice, so that none of the test split is in the train split', () => {
    expect(new Set(all.map(({ text }) => text)).size).toBe(22_000);
  });

  it('are balanced', () => {
    const positive = all.filter(({ label }) => label === 1).length;
    expect(positive / all.length).toBeCloseTo(0.5, 1);
  });

  it('cannot be told apart by counting words, but by more than chance', () => {
    const accuracy = naiveBayesAccuracy(reviews.train, reviews.test);
    expect(accuracy).toBeGreaterThan(0.65);
    expect(accuracy).toBeLessThan(0.85);
  });

  it('carry the wrong label now and then', () => {
    // 추천합니다 closes only reviews that were meant as praise.
    const praise = all.filter(({ text }) => /강추|꼭 보세요|추천합니다/.test(text));
    const wrong = praise.filter(({ label }) => label === 0).length / praise.length;
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(3 * LABEL_NOISE);
  });

  it('are written in composed Hangul', () => {
    for (const { text } of all) expect(text).toBe(text.normalize('NFC'));
  });
});

/** Multinomial naive Bayes over words, add-one smoothing: what word counts alone can tell. */
function naiveBayesAccuracy(train: Review[], test: Review[]): number {
  const counts = [new Map<string, number>(), new Map<string, number>()] as const;
  const totals = [0, 0];
  for (const { text, label } of train) {
    for (const word of text.split(/\s+/)) {
      counts[label].set(word, (counts[label].get(word) ?? 0) + 1);
      totals[label]!++;
    }
  }
  const logOdds = (word: string) =>
    Math.log(((counts[1].get(word) ?? 0) + 1) / totals[1]!) -
    Math.log(((counts[0].get(word) ?? 0) + 1) / totals[0]!);
  const right = test.filter(({ text, label }) => {
    const score = text.split(/\s+/).reduce((sum, word) => sum + logOdds(word), 0);
    return (score > 0 ? 1 : 0) === label;
  });
  return right.length / test.length;
}
