import { MlflowConnectionError, MlflowError, MlflowTimeoutError } from './errors.js';

/** What MLflow's own client repeats too. */
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Whether a call may be sent again after this error.
 *
 * A call that is safe to repeat is repeated after any failure that may pass. One that is not
 * (a create without a unique name) only where the server has certainly not acted on it.
 */
export function mayRepeat(error: unknown, safe: boolean): boolean {
  if (!(error instanceof MlflowError)) return false;
  return mayPass(error) && (safe || !mayHaveActed(error));
}

/** Whether the server may have done what it did not say that it did. */
export function mayHaveActed(error: MlflowError): boolean {
  if (error instanceof MlflowConnectionError) return !error.neverSent;
  return error.status !== 429 && error.status !== 400;
}

function mayPass(error: MlflowError): boolean {
  if (error instanceof MlflowConnectionError || error instanceof MlflowTimeoutError) return true;
  if (error.errorCode === 'RESOURCE_DOES_NOT_EXIST') return false;
  return PASSING_STATUS.has(error.status) || wasRace(error);
}

/** Two calls met in the server's database, which undid this one; the server calls it a bad request. */
function wasRace(error: MlflowError): boolean {
  const isDatabase = /\b(IntegrityError|OperationalError)\b/.test(error.reason);
  return error.errorCode === 'BAD_REQUEST' && isDatabase;
}

/**
 * How long to wait before attempt `attempt` (1 is the first repeat), in ms: what the server asks
 * for (`Retry-After`), else exponential from 0.25 s with full jitter, 30 s at most.
 */
export function backoff(attempt: number, factor: number, retryAfter: string | null): number {
  const asked = retryAfter === null ? undefined : retryAfterMs(retryAfter);
  if (asked !== undefined) return Math.min(asked, 120_000);
  const ceiling = Math.min(125 * factor ** attempt, 30_000);
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

/** `Retry-After` holds seconds or a date. */
function retryAfterMs(header: string): number | undefined {
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A time-out that starts again whenever something moves. */
export class Timer {
  #timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly ms: number,
    private readonly onTimeout: () => void,
  ) {
    this.#timer = setTimeout(onTimeout, ms);
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.onTimeout, this.ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
