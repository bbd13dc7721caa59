import { setTimeout as pause } from 'node:timers/promises';
import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import { refusal, unreachable } from './errors.js';
import type { Repository } from './repository.js';
import type { HubSettings } from './settings.js';

/** How often a request is made before giving up. */
const ATTEMPTS = 5;
const RETRIED = [408, 425, 429, 500, 502, 503, 504];
/** Not there at all: one more try, in case the network is just coming up. */
const ABSENT = ['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN', 'ENETUNREACH'];
const LONGEST_PAUSE_MS = 60_000;

/**
 * `fetch` with what the hub's own library leaves out: proxies (HTTP_PROXY, HTTPS_PROXY, NO_PROXY),
 * a time-out on silence, retries with growing pauses, and errors in words. As in every `fetch`, the
 * token does not follow a redirect to another host.
 */
export class HubHttp {
  readonly #settings: HubSettings;
  readonly #signal: AbortSignal;
  readonly #agent: EnvHttpProxyAgent;

  constructor(settings: HubSettings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    const { timeoutMs } = settings;
    this.#agent = new EnvHttpProxyAgent({
      bodyTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      connect: { timeout: timeoutMs },
    });
  }

  /** A `fetch` for one repository's requests, in the form that @huggingface/hub takes. */
  for(repository: Repository): typeof fetch {
    const request = async (url: string | URL, init: Parameters<typeof undiciFetch>[1]) => {
      for (let attempt = 1; ; attempt++) {
        const last = attempt === ATTEMPTS;
        try {
          const response = await undiciFetch(url, {
            ...init,
            signal: this.#signal,
            dispatcher: this.#agent,
          });
          if (response.ok) return response;
          await response.body?.cancel();
          if (!RETRIED.includes(response.status)) {
            throw refusal(response, repository, this.#settings);
          }
          if (last) {
            const problem = `it answers ${response.status}${response.status === 429 ? ' (too many requests; HF_TOKEN raises the limit)' : ''}.`;
            throw unreachable(this.#settings.endpoint, problem, repository);
          }
          await this.pause(attempt, response.headers.get('Retry-After'));
        } catch (error) {
          this.#signal.throwIfAborted();
          if (!isNetworkError(error)) throw error;
          if (last || (attempt === 2 && ABSENT.includes(codeOf(error)))) {
            throw unreachable(this.#settings.endpoint, reasonOf(error), repository, error);
          }
          await this.pause(attempt);
        }
      }
    };
    return request as unknown as typeof fetch;
  }

  /** Waits before the next attempt: as long as the server asks, else twice as long as before. */
  async pause(attempt: number, retryAfter: string | null = null): Promise<void> {
    const asked = retryAfter === null ? Number.NaN : Number(retryAfter) * 1000;
    const wait = Number.isFinite(asked) ? asked : this.#settings.backoffMs * 2 ** (attempt - 1);
    await pause(Math.min(wait, LONGEST_PAUSE_MS), undefined, { signal: this.#signal }).catch(() => {
      throw this.#signal.reason;
    });
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

/** Whatever goes wrong below HTTP, `fetch` reports as a TypeError with a cause. */
export function isNetworkError(error: unknown): error is TypeError {
  return error instanceof TypeError && error.cause !== undefined;
}

function codeOf(error: TypeError): string {
  return (error.cause as NodeJS.ErrnoException).code ?? '';
}

function reasonOf(error: TypeError): string {
  // Where several addresses were tried, the cause is an AggregateError without a message.
  return `${(error.cause as Error).message || codeOf(error) || error.message}.`;
}
