import { describe, expect, it } from 'vitest';
import { explain } from '../server/attribution/explain.js';
import { type Game, shapley } from '../server/attribution/shapley.js';
import { partsOf } from '../server/attribution/words.js';

/** A game by its value of a set of players. */
const game =
  (value: (members: Set<number>) => number): Game =>
  async (subsets) =>
    subsets.map((members) => value(new Set(members)));

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** Neither additive nor symmetric: pairs of neighbors help each other, 0 hurts 3. */
const tangled = game((members) => {
  let value = 0.1;
  for (const i of members) value += (i + 1) / 50 + (members.has(i + 1) ? 0.03 * i : 0);
  return members.has(0) && members.has(3) ? value * 0.7 : value;
});

describe('shapley', () => {
  it.each([3, 6, 12])('adds up to full − empty (efficiency), with %i players', async (n) => {
    const { values, full, empty, exact } = await shapley(n, tangled);
    expect(exact).toBe(n <= 7);
    expect(values).toHaveLength(n);
    expect(sum(values)).toBeCloseTo(full - empty, 12);
  });

  it('gives players that are alike the same value (symmetry)', async () => {
    const alike = game((members) => (members.has(1) && members.has(2) ? 1 : 0) + members.size / 4);
    const { values } = await shapley(4, alike);
    expect(values[1]).toBeCloseTo(values[2]!, 12);
    expect(values[0]).toBeCloseTo(values[3]!, 12);
  });

  it.each([5, 15])('gives a player that changes nothing 0 (null player), of %i', async (n) => {
    const ignoring = game((members) => {
      const others = [...members].filter((i) => i !== 2);
      return others.length ** 2 / 100;
    });
    const { values } = await shapley(n, ignoring);
    expect(values[2]).toBeCloseTo(0, 12);
  });

  it.each([5, 15])(
    'gives each its own where nobody helps another (additivity), of %i',
    async (n) => {
      const { values } = await shapley(
        n,
        game((members) => sum([...members]) / 10),
      );
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(i / 10, 12);
    },
  );

  it("is the textbook's for the glove game", async () => {
    // 0 and 1 hold left gloves, 2 a right one: a pair is worth 1 (Shapley 1/6, 1/6, 4/6).
    const gloves = game((m) => (m.has(2) && (m.has(0) || m.has(1)) ? 1 : 0));
    const { values } = await shapley(3, gloves);
    expect(values[0]).toBeCloseTo(1 / 6, 12);
    expect(values[1]).toBeCloseTo(1 / 6, 12);
    expect(values[2]).toBeCloseTo(4 / 6, 12);
  });

  it('comes near the exact values when it samples, the same each time', async () => {
    const exact = await shapley(9, tangled, { exactUpTo: 9 });
    const sampled = await shapley(9, tangled, { pairs: 64 });
    expect(sampled.exact).toBe(false);
    for (const [i, value] of sampled.values.entries()) {
      expect(Math.abs(value - exact.values[i]!)).toBeLessThan(0.02);
    }
    expect(await shapley(9, tangled, { pairs: 64 })).toEqual(sampled);
  });

  it('asks for each subset once, all at the same time', async () => {
    const asked: number[][][] = [];
    await shapley(12, async (subsets) => {
      asked.push(subsets);
      return subsets.map(() => 0);
    });
    expect(asked).toHaveLength(1);
    const keys = asked[0]!.map((members) => members.join());
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('explain', () => {
  it('takes away words and keeps the order of the rest', async () => {
    const texts: string[] = [];
    const { parts, values, full, empty } = await explain('배우가  정말 좋다\n', async (asked) => {
      texts.push(...asked);
      return asked.map((text) => (text.includes('좋다') ? 0.9 : 0.2));
    });
    expect(parts).toEqual(['배우가', '정말', '좋다']);
    expect(texts.sort()).toEqual(
      [
        '',
        '배우가',
        '배우가 정말',
        '배우가 정말 좋다',
        '배우가 좋다',
        '정말',
        '정말 좋다',
        '좋다',
      ].sort(),
    );
    expect([full, empty]).toEqual([0.9, 0.2]);
    expect(values[0]).toBeCloseTo(0, 12);
    expect(values[2]).toBeCloseTo(0.7, 12);
  });

  it('has nothing to say of a text without words', async () => {
    const { parts, values } = await explain('  ', async (asked) => asked.map(() => 0.5));
    expect([parts, values]).toEqual([[], []]);
  });

  it('takes neighbors together where a text has many words, and bounds the work', async () => {
    const words = Array.from({ length: 130 }, (_, i) => `말${i}`);
    expect(partsOf(words.join(' '))).toHaveLength(40);
    expect(partsOf(words.join(' ')).join(' ')).toBe(words.join(' '));
    let count = 0;
    await explain(words.join(' '), async (asked) => {
      count = asked.length;
      return asked.map(() => 0.5);
    });
    expect(count).toBeLessThan(700);
  });
});
