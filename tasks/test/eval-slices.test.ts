import { describe, expect, it } from 'vitest';
import { mistakesTable } from '../eval/mistakes.js';
import type { Prediction } from '../eval/predict.js';
import { slices } from '../eval/slices.js';

const review = (text: string, right = true, confidence = 0.9): Prediction => ({
  id: text,
  text,
  label: 1,
  probabilities: right ? [1 - confidence, confidence] : [confidence, 1 - confidence],
});

/** The slices that a review is in. */
const slicesOf = (text: string) => slices([review(text)]).map(({ name }) => name);

describe('slices', () => {
  it.each([
    ['완전 재밌다ㅋㅋ', 'laughter'],
    ['흐뭇하네ㅎㅎㅎ', 'laughter'],
    ['주인공 어떡해ㅠㅠ', 'crying'],
    ['마지막에 울었다ㅜㅜㅜ', 'crying'],
    ['또 보고 싶다 😍', 'emoji'],
    ['강아지가 귀여워요 ♥', 'emoji'],
    ['하나도 안 웃김', 'negation'],
    ['다시는 안봐요', 'negation'],
    ['끝까지 못 보겠다', 'negation'],
    ['배우가 연기를 못해요', 'negation'],
    ['기대만큼 좋지 않았다', 'negation'],
    ['돈이 아깝지는 않네', 'negation'],
    ['이해하지못했다', 'negation'],
    ['감동이 없다', 'negation'],
    ['말도안되는 전개', 'negation'],
    ['기대안했는데 볼만함', 'negation'],
    ['웃음이 멈추질않네', 'negation'],
  ])('puts "%s" into %s', (text, slice) => {
    expect(slicesOf(text)).toContain(slice);
  });

  it.each([
    ['안타까운 이야기', 'negation'],
    ['안녕 내 청춘', 'negation'],
    ['편안하게 본 영화', 'negation'],
    ['감독이 잘못했네', 'negation'],
    ['못생긴 강아지가 주인공', 'negation'],
    ['재밌잖아', 'negation'],
    ['별 ★★★ 셋, 2번 봄', 'emoji'],
    ['아ㅋ', 'laughter'],
  ])('leaves "%s" out of %s', (text, slice) => {
    expect(slicesOf(text)).not.toContain(slice);
  });

  it('puts each review into one length, counted in characters, an emoji as one', () => {
    const lengths = (length: number) => slicesOf('가'.repeat(length));
    expect(lengths(10)).toEqual(['length 1-10']);
    expect(lengths(11)).toEqual(['length 11-20']);
    expect(lengths(40)).toEqual(['length 21-40']);
    expect(lengths(80)).toEqual(['length 41-80']);
    expect(lengths(81)).toEqual(['length 81 and more']);
    expect(slicesOf('😍'.repeat(10))).toContain('length 1-10');
  });

  it('gives rows, accuracy and interval of each slice, and no empty slice', () => {
    const [length, negation, ...others] = slices([
      review('결말이 없다'),
      review('볼 게 없다'),
      review('재미 없다', false),
      review('좋아요'),
    ]);
    expect(length).toMatchObject({ name: 'length 1-10', rows: 4, accuracy: { value: 0.75 } });
    expect(negation).toMatchObject({ name: 'negation', rows: 3, accuracy: { value: 2 / 3 } });
    expect(negation?.accuracy.low).toBeCloseTo(0.2077, 4);
    expect(negation?.accuracy.high).toBeCloseTo(0.9385, 4);
    expect(others).toEqual([]);
  });
});

describe('mistakesTable', () => {
  const rows = [
    review('맞힌 리뷰'),
    review('조금 틀린 리뷰', false, 0.6),
    review('크게 틀린 리뷰', false, 0.98765),
    review('꽤 틀린 리뷰', false, 0.8),
  ];

  it('lists the mistakes, the surest first, labels by name', () => {
    const table = mistakesTable(rows, ['부정', '긍정']);
    expect(table.columns).toEqual(['text', 'label', 'predicted', 'confidence', 'id']);
    expect(table.data).toEqual([
      ['크게 틀린 리뷰', '긍정', '부정', 0.9877, '크게 틀린 리뷰'],
      ['꽤 틀린 리뷰', '긍정', '부정', 0.8, '꽤 틀린 리뷰'],
      ['조금 틀린 리뷰', '긍정', '부정', 0.6, '조금 틀린 리뷰'],
    ]);
  });

  it('stops at the limit', () => {
    expect(mistakesTable(rows, ['부정', '긍정'], 2).data).toHaveLength(2);
  });
});
