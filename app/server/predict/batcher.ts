export interface BatcherOptions {
  /** Items computed at once, at most. @default 64 */
  readonly maxBatch?: number;
  /** How long the first item of a batch waits for as many as the last batch had. @default 2 */
  readonly maxWaitMs?: number;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Dynamic batching: what arrives while a batch is computed makes the next one. An item that finds
 * nothing under way starts at once, unless the last batch showed that others are likely to come:
 * then it waits for as many, `maxWaitMs` at most. One client alone never waits.
 */
export class Batcher<Item, Result> {
  readonly #compute: (items: Item[]) => Promise<Result[]>;
  readonly #maxBatch: number;
  readonly #maxWaitMs: number;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #busy = false;
  /** Items of the last batch: so many clients are there. */
  #expected = 1;
  #timer: NodeJS.Timeout | undefined;

  /** @param compute answers a result for each item, in their order */
  constructor(
    compute: (items: Item[]) => Promise<Result[]>,
    { maxBatch = 64, maxWaitMs = 2 }: BatcherOptions = {},
  ) {
    this.#compute = compute;
    this.#maxBatch = maxBatch;
    this.#maxWaitMs = maxWaitMs;
  }

  /** @throws what computing its batch throws */
  submit(item: Item): Promise<Result> {
    const { promise, resolve, reject } = promiseWithResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    if (this.#waiting.length >= Math.min(this.#expected, this.#maxBatch)) {
      void this.#run();
    } else {
      this.#timer ??= setTimeout(() => void this.#run(), this.#maxWaitMs);
    }
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.splice(0, this.#maxBatch);
    this.#expected = batch.length;
    this.#busy = true;
    try {
      const results = await this.#compute(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.#busy = false;
    // Those that came meanwhile are there as well as those that will come back for more.
    if (this.#waiting.length > 0) this.#expected += this.#waiting.length;
    this.#next();
  }
}

/** Promise.withResolvers, which Node has from 22 on. */
function promiseWithResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
