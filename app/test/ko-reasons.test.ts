import { compareJudgments, type Judged, notComparable, withoutChampion } from 'model-registry';
import { describe, expect, it } from 'vitest';
import { koReasons } from '../browser/text/ko-reasons.js';

const contestant = (version: string) => ({ version, modelId: `m-${version}`, accuracy: 0.9 });

/** A version that is right for the first so many of 400 texts, and surest of itself by `score`. */
function judged(version: string, right: number, median_ms: number, score = 0.9): Judged {
  const predictions = Array.from({ length: 400 }, (_, row) => ({
    id: `${row}`,
    label: 0,
    probabilities: row < right ? [score, 1 - score] : [1 - score, score],
    slices: ['negation'],
  }));
  const latency = { median_ms, p95_ms: median_ms };
  return {
    contestant: contestant(version),
    judgment: {
      evaluation: {
        version: 1,
        model_id: `m-${version}`,
        rows: 400,
        metrics: { accuracy: right / 400 },
        slices: [],
        reviews_per_second: 1000,
        test_sha256: 'same',
        labels: ['a', 'b'],
        latency,
      },
      predictions,
    },
  };
}

describe('the reasons of a verdict in Korean', () => {
  it('have the figures of the English ones', () => {
    const champion = judged('1', 360, 5);
    for (const challenger of [
      judged('2', 361, 5),
      judged('2', 380, 5),
      judged('2', 300, 20),
      judged('2', 361, 20, 0.51),
    ]) {
      const comparison = compareJudgments(challenger, champion, { sideBySide: true });
      const korean = koReasons(comparison)!;
      expect(korean).toHaveLength(comparison.reasons.length);
      for (const [index, sentence] of korean.entries()) {
        expect(sentence).toMatch(/[가-힣]\.$|\)\.$/);
        for (const figure of comparison.reasons[index]!.match(/\d+\.\d+/g) ?? []) {
          expect(sentence).toContain(figure);
        }
      }
    }
  });

  it('say why there is nothing to compare', () => {
    const two = { challenger: contestant('2'), champion: contestant('1') };
    expect(koReasons(withoutChampion(contestant('1')))?.[0]).toContain('비교할 버전이 없습니다');
    expect(koReasons(notComparable(two, '…', 'other labels'))?.[0]).toContain('레이블');
    expect(koReasons(notComparable(two, 'A file is broken.', 'unreadable'))).toBeUndefined();
  });
});
