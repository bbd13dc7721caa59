import { describe, expect, it } from 'vitest';
import { compareJudgments, meets, withoutChampion } from '../src/index.js';
import { judgment, type MadeUp } from './judgments.js';

/** The new model against version 2, both right or wrong as given. */
function compare(
  challenger: MadeUp,
  champion: MadeUp,
  limits?: Parameters<typeof compareJudgments>[2]['limits'],
) {
  return compareJudgments(
    {
      contestant: { version: null, modelId: 'm-new', accuracy: null },
      judgment: judgment(challenger),
    },
    {
      contestant: { version: '2', modelId: 'm-old', accuracy: null },
      judgment: judgment(champion),
    },
    { sideBySide: true, limits },
  );
}

/** `part` says of ten texts which are right; repeated to a thousand. */
const thousand = (part: string) => part.repeat(100);

describe('the verdict', () => {
  it('is better where more texts are right than by chance', () => {
    const { verdict, reasons, figures } = compare(
      { right: thousand('1111111110') },
      { right: thousand('1111111100') },
    );
    expect(verdict).toBe('better');
    expect(figures).toMatchObject({
      rows: 1000,
      accuracy: { difference: 0.1 },
      mcnemar: { onlyChallengerRight: 100, onlyChampionRight: 0 },
    });
    expect(reasons[0]).toBe(
      'The new model has +10.00 points of accuracy against version 2 on the same 1000 texts (95 %: +8.29 to +12.02), which is better than chance (McNemar p = 2e-30).',
    );
  });

  it('is worse where fewer are', () => {
    const { verdict, reasons } = compare(
      { right: thousand('1111111100') },
      { right: thousand('1111111110') },
    );
    expect(verdict).toBe('worse');
    expect(reasons[0]).toContain('-10.00 points of accuracy');
    expect(reasons[0]).toContain('which is worse than chance');
  });

  it('is equal where both are right equally often on different texts', () => {
    const { verdict, reasons, figures } = compare(
      { right: thousand('1111111101') },
      { right: thousand('1111111110') },
    );
    expect(verdict).toBe('equal');
    expect(figures?.mcnemar.p).toBe(1);
    expect(reasons[0]).toContain('which is within the noise');
  });

  it('is equal where a difference is not beyond chance on so few texts', () => {
    expect(compare({ right: '1111111111' }, { right: '1111111000' }).verdict).toBe('equal');
  });

  it.each<[string, MadeUp, string]>([
    ['different test sets', { right: '1010', test: 'another' }, 'different test sets'],
    ['different labels', { right: '1010', labels: ['bad', 'good'] }, 'bad, good'],
    ['another number of texts', { right: '10101' }, 'not of the same texts'],
  ])('is not comparable after %s', (_, champion, words) => {
    const { verdict, reasons, figures } = compare({ right: '1010' }, champion);
    expect(verdict).toBe('not comparable');
    expect(reasons.join()).toContain(words);
    expect(figures).toBeNull();
  });
});

describe('a model with more right texts is worse all the same', () => {
  const champion: MadeUp = { right: thousand('1111111100') };
  const better = thousand('1111111110');

  it('where its probabilities say less of how often it is right', () => {
    const { verdict, reasons, figures } = compare(
      { right: better, confidence: () => 0.6 },
      { ...champion, confidence: () => 0.8 },
    );
    expect(figures?.calibration.difference).toBeCloseTo(0.3, 6);
    expect(verdict).toBe('worse');
    expect(reasons[0]).toBe(
      'Its probabilities are less reliable: calibration error 0.3000, that of version 2 0.0000; 0.02 more are allowed.',
    );
    expect(reasons[1]).toContain('+10.00 points');
  });

  it('where a slice loses more than chance', () => {
    // Of each ten texts, the last two are a slice: the new model wins elsewhere and loses there.
    const slices = (row: number) => (row % 10 >= 8 ? ['negation', 'long'] : ['laughter']);
    const { verdict, reasons, figures } = compare(
      { right: thousand('1111111100'), slices },
      { right: thousand('1111000011'), slices },
    );
    expect(figures?.worstSlice).toMatchObject({
      rows: 200,
      challenger: 0,
      champion: 1,
      difference: -1,
    });
    expect(verdict).toBe('worse');
    expect(reasons[0]).toMatch(
      /^On the slice "(negation|long)" \(200 texts\) it loses 100\.00 points/,
    );
  });

  it('not where a small slice loses by chance', () => {
    const slices = (row: number) => (row === 7 ? ['emoji'] : []);
    const { verdict, figures } = compare(
      { right: thousand('1111111011').replace(/^.{8}/, '11111110'), slices },
      { ...champion, slices },
    );
    expect(figures?.worstSlice).toMatchObject({ name: 'emoji', difference: -1, p: 1 });
    expect(verdict).toBe('better');
  });

  it('where it is much slower, unless any speed will do', () => {
    const slow: MadeUp = { right: better, latency: 12 };
    const fast: MadeUp = { ...champion, latency: 4 };
    const { verdict, reasons } = compare(slow, fast);
    expect(verdict).toBe('worse');
    expect(reasons[0]).toBe(
      'One text takes 12.0 ms, 3.0 times as long as with version 2 (4.0 ms); 2 times are allowed.',
    );
    const limits = { calibrationIncrease: 1, sliceDrop: 1, slowdown: null };
    expect(compare(slow, fast, limits).verdict).toBe('better');
  });
});

it('compares 50,000 texts within two seconds', { timeout: 20_000 }, () => {
  const texts = thousand('1111111110').repeat(50);
  const started = performance.now();
  compare({ right: texts }, { right: texts });
  expect(performance.now() - started).toBeLessThan(2000);
});

describe('what is required of a verdict', () => {
  const verdictOf = (challenger: string, champion: string) =>
    compare({ right: thousand(challenger) }, { right: thousand(champion) });
  const better = verdictOf('1111111110', '1111111100');
  const equal = verdictOf('1111111110', '1111111110');
  const worse = verdictOf('1111111100', '1111111110');
  const notComparable = compare({ right: '1111' }, { right: '1111', test: 'another' });
  const first = withoutChampion({ version: null, modelId: 'm-new', accuracy: 0.9 });

  it.each([
    ['any', [true, true, true, true, true]],
    ['not worse', [true, true, false, false, true]],
    ['better', [true, false, false, false, true]],
  ] as const)('"%s" is met by these', (requirement, expected) => {
    const all = [better, equal, worse, notComparable, first];
    expect(all.map((one) => meets(one, requirement))).toEqual(expected);
  });
});
