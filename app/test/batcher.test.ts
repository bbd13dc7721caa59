import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from '../server/predict/batcher.js';

/** Computes when it is told to, and remembers what it was given. */
function engine() {
  const batches: number[][] = [];
  const finish: (() => void)[] = [];
  const compute = (items: number[]) =>
    new Promise<number[]>((resolve) => {
      batches.push(items);
      finish.push(() => resolve(items.map((item) => item * 10)));
    });
  return { batches, finish, compute };
}

describe('Batcher', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('starts at once for one client alone, however often it comes back', async () => {
    const { batches, finish, compute } = engine();
    const batcher = new Batcher(compute);
    for (const item of [1, 2, 3]) {
      const answer = batcher.submit(item);
      expect(batches).toHaveLength(item); // no time has passed
      finish[item - 1]!();
      expect(await answer).toBe(item * 10);
    }
    expect(batches).toEqual([[1], [2], [3]]);
  });

  it('computes together what came while it was busy', async () => {
    const { batches, finish, compute } = engine();
    const batcher = new Batcher(compute);
    const answers = [1, 2, 3, 4].map((item) => batcher.submit(item));
    expect(batches).toEqual([[1]]);
    finish[0]!();
    await answers[0];
    await vi.advanceTimersByTimeAsync(2);
    expect(batches).toEqual([[1], [2, 3, 4]]);
    finish[1]!();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
  });

  it('waits for as many as the last batch had, and no longer than it may', async () => {
    const { batches, finish, compute } = engine();
    const batcher = new Batcher(compute, { maxWaitMs: 5 });
    const first = [1, 2, 3].map((item) => batcher.submit(item));
    finish[0]!();
    await first[0];
    const again = batcher.submit(4); // the first client comes back
    expect(batches).toEqual([[1], [2, 3, 4]]); // all three are there: at once
    finish[1]!();
    await again;

    const late = batcher.submit(5);
    await vi.advanceTimersByTimeAsync(4);
    expect(batches).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches[2]).toEqual([5]);
    finish[2]!();
    expect(await late).toBe(50);
    void batcher.submit(6);
    expect(batches[3]).toEqual([6]); // one client is left: it waits no more
  });

  it('makes no batch larger than it may', async () => {
    const { batches, finish, compute } = engine();
    const batcher = new Batcher(compute, { maxBatch: 2 });
    const answers = [1, 2, 3, 4].map((item) => batcher.submit(item));
    for (const i of [0, 1, 2]) {
      finish[i]!();
      await vi.advanceTimersByTimeAsync(2);
    }
    expect(batches).toEqual([[1], [2, 3], [4]]);
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
  });

  it('tells everyone in a batch that it failed, and goes on with the next', async () => {
    const compute = async ([item]: number[]) => {
      if (item === 1) throw new Error('out of memory');
      return [item! * 10];
    };
    const batcher = new Batcher(compute);
    await expect(batcher.submit(1)).rejects.toThrow('out of memory');
    expect(await batcher.submit(2)).toBe(20);
  });
});
