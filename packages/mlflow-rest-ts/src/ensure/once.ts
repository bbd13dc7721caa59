import type { MlflowError } from '../errors.js';
import type { CallOptions } from '../http.js';
import { backoff, mayHaveActed, mayRepeat, sleep } from '../retry.js';

/** Things of one kind that carry one key; the server itself lets any number of them be made. */
export interface Candidates<T> {
  /** All that there are. */
  find(): Promise<T[]>;
  /** Makes one more, with a tag that says whose it is. */
  create(owner: string): Promise<T>;
  owner(item: T): string | undefined;
  /** The item's place in the queue; undefined while its maker still looks for one. */
  turn(item: T): number | undefined;
  /** Gives the item its place, where the server has not. */
  take?(item: T, turn: number): Promise<void>;
  remove(item: T): Promise<void>;
  id(item: T): string;
}

/** A maker that has not taken its turn for so long is taken for dead. */
const PATIENCE_MS = 10_000;

/**
 * Finds the one item of a key or makes it, once, whatever else happens at the same time: an answer
 * that is lost, a caller that dies, callers that race.
 *
 * MLflow has neither unique keys nor locks for these things, but reads see every write that was
 * answered before, which is all that Lamport's bakery needs (A New Solution of Dijkstra's
 * Concurrent Programming Problem, 1974). Each caller that finds nothing makes a candidate, takes
 * the turn after the highest that it sees, and waits for those who still choose. The first turn
 * wins; the others remove their own.
 */
export async function once<T>(candidates: Candidates<T>, options: CallOptions): Promise<T> {
  const found = await winner(candidates, options);
  if (found !== undefined) return found;

  const owner = crypto.randomUUID();
  const mine = await createOwned(candidates, owner, options);
  if (candidates.take !== undefined) {
    const turns = (await candidates.find()).map((item) => candidates.turn(item) ?? 0);
    await candidates.take(mine, Math.max(0, ...turns) + 1);
  }
  const chosen = (await winner(candidates, options)) ?? mine;
  for (const item of await candidates.find()) {
    const isSurplus =
      candidates.owner(item) === owner && candidates.id(item) !== candidates.id(chosen);
    if (isSurplus) await candidates.remove(item);
  }
  return chosen;
}

/** The item whose turn is first, as soon as nobody is still choosing. */
async function winner<T>(
  candidates: Candidates<T>,
  { signal }: CallOptions,
): Promise<T | undefined> {
  const start = Date.now();
  for (;;) {
    const items = await candidates.find();
    const settled = items.filter((item) => candidates.turn(item) !== undefined);
    if (settled.length === items.length || Date.now() - start > PATIENCE_MS) {
      return settled.sort((a, b) => inOrder(candidates, a, b))[0];
    }
    await sleep(20 + Math.random() * 80, signal);
  }
}

function inOrder<T>({ turn, id }: Candidates<T>, a: T, b: T): number {
  return (turn(a) ?? 0) - (turn(b) ?? 0) || (id(a) < id(b) ? -1 : 1);
}

/** Creates an item; where the answer is lost, looks whether the server has made it. */
async function createOwned<T>(
  candidates: Candidates<T>,
  owner: string,
  { signal, maxRetries = 7 }: CallOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await candidates.create(owner);
    } catch (error) {
      // What is certain was repeated, as far as that helps, within the call.
      const isUncertain = mayRepeat(error, true) && mayHaveActed(error as MlflowError);
      if (!isUncertain || attempt > maxRetries) throw error;
      await sleep(backoff(attempt, 2, null), signal);
    }
    const made = (await candidates.find()).find((item) => candidates.owner(item) === owner);
    if (made !== undefined) return made;
  }
}
