import type { NewMetric } from './api/metrics.js';
import type { MlflowClient } from './client.js';
import type { Int64 } from './json.js';

export interface MetricLoggerOptions {
  /** The longest that a metric waits, in milliseconds. @default 1000 */
  flushMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What metrics that are logged together share. */
export type MetricContext = Omit<NewMetric, 'key' | 'value'> & { step?: Int64 | undefined };

/** As soon as so many wait they are sent: as many as one call takes. */
const FULL = 1000;

/**
 * Logs metrics of a run in the background: `log` returns at once, and what has gathered goes in
 * one call. What could not be sent stays, in its order, and goes with the next call; `flush` and
 * `close` throw if it still cannot. While metrics wait to be sent, the process does not end by itself.
 */
export class MetricLogger {
  #waiting: NewMetric[] = [];
  #sending: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly client: MlflowClient,
    private readonly runId: string,
    private readonly options: MetricLoggerOptions = {},
  ) {}

  /** Takes metrics, by key. @throws Error after `close` */
  log(metrics: Record<string, number>, context: MetricContext = {}): void {
    if (this.#closed) throw new Error('the metric logger is closed');
    const timestamp = Date.now();
    for (const [key, value] of Object.entries(metrics)) {
      this.#waiting.push({ timestamp, ...context, key, value });
    }
    if (this.#waiting.length >= FULL) this.#sendInBackground();
    else this.#timer ??= setTimeout(() => this.#sendInBackground(), this.options.flushMs ?? 1000);
  }

  /** Sends all that waits. @throws MlflowError if the server does not take it; it then waits on */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sent = this.#sending.then(() => this.#send());
    // The next call waits for this one, and does not fail with it.
    this.#sending = sent.catch(() => undefined);
    return sent;
  }

  /** Sends all that waits and takes no more. @throws MlflowError if the server does not take it */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sendInBackground(): void {
    // What fails here waits on, for `flush` or `close` to say so.
    this.flush().catch(() => undefined);
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, FULL);
      await this.client.logMetrics(this.runId, batch, { signal: this.options.signal });
      this.#waiting.splice(0, batch.length);
    }
  }
}
