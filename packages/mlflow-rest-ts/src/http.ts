import {
  type Auth,
  authorization,
  credentialsIn,
  parseTrackingUri,
  type Query,
  queryString,
} from './address.js';
import { Answer, InvalidField } from './answer.js';
import { connectionError, isNetworkFailure } from './connection.js';
import { MlflowAnswerError, MlflowError, MlflowTimeoutError } from './errors.js';
import { cutShort, isJson, serverError } from './hints.js';
import { parseJson, stringifyJson } from './json.js';
import { backoff, mayHaveActed, mayRepeat, sleep, Timer } from './retry.js';

/** What every call takes beside its own parameters. */
export interface CallOptions {
  /** Ends the call at once, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds without an answer (files: without a byte moving). @default the client's */
  timeoutMs?: number | undefined;
  /** How often a call that may be repeated is. @default the client's */
  maxRetries?: number | undefined;
}

/** Where the server is, and how it is to be called. */
export interface ClientOptions {
  /** The server's base address, e.g. `http://127.0.0.1:5000`. May hold `user:password@`. */
  trackingUri: string;
  /** @default the platform's fetch */
  fetch?: typeof fetch | undefined;
  /** Headers sent with every call. */
  headers?: Record<string, string> | undefined;
  auth?: Auth | undefined;
  /** @default 120000 */
  timeoutMs?: number | undefined;
  /** @default 7 */
  maxRetries?: number | undefined;
  /** Growth of the wait between attempts. @default 2 */
  backoffFactor?: number | undefined;
  /** Ends every call of this client. */
  signal?: AbortSignal | undefined;
}

/** What a request may send. */
export type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call, as {@link Http.send} takes it. */
export interface Request<T> {
  method: Method;
  /** From the base address on, escaped: `/api/2.0/mlflow/runs/get`. */
  path: string;
  query?: Query | undefined;
  headers?: Record<string, string> | undefined;
  /** Makes the body, anew for each attempt; `moving` is to be called as it is sent. */
  body?: ((moving: () => void) => Body) | undefined;
  /** Whether the server's state is the same after two of these calls as after one. */
  safe: boolean;
  /** What a repeated call means that fails because the attempt before it had done its work. */
  ifDoneBefore?: ((error: MlflowError) => T | undefined) | undefined;
  /** Reads the answer, within the attempt: a failure here is a failure of the attempt. */
  read: (response: Response, moving: () => void) => Promise<T>;
}

/** Sends calls to one MLflow server: authentication, time-outs, retries, errors. */
export class Http {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor(private readonly options: ClientOptions) {
    const url = parseTrackingUri(options.trackingUri);
    const auth = options.auth ?? credentialsIn(url);
    url.username = '';
    url.password = '';
    this.#base = url.href.replace(/\/+$/, '');
    this.#headers = { ...(auth && { authorization: authorization(auth) }), ...options.headers };
  }

  /** The server's base address, without credentials and without a slash at its end. */
  get baseUrl(): string {
    return this.#base;
  }

  /**
   * Calls an endpoint of the JSON API.
   *
   * @param parameters sent as the query of a GET, else as the JSON body
   * @throws MlflowError
   */
  json<T>(
    endpoint: Endpoint<T>,
    parameters: object,
    decode: (answer: Answer) => T,
    options: CallOptions,
  ): Promise<T> {
    const { method, path } = endpoint;
    const content = method === 'GET' ? undefined : stringifyJson(parameters);
    return this.send<T>(
      {
        method,
        path,
        query: content === undefined ? (parameters as Query) : undefined,
        headers: content === undefined ? undefined : { 'content-type': 'application/json' },
        body: content === undefined ? undefined : () => content,
        safe: endpoint.safe ?? true,
        ifDoneBefore: endpoint.ifDoneBefore,
        read: async (response) => decodeJson(await response.text(), response, endpoint, decode),
      },
      options,
    );
  }

  /**
   * Sends a call, again where that is safe, and reads its answer.
   *
   * @throws MlflowError, or the reason of an aborted signal
   */
  async send<T>(request: Request<T>, options: CallOptions): Promise<T> {
    const maxRetries = options.maxRetries ?? this.options.maxRetries ?? 7;
    const signals = [options.signal, this.options.signal].filter((s) => s !== undefined);
    const signal = AbortSignal.any(signals);
    let isUncertain = false;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      let retryAfter: string | null = null;
      try {
        return await this.#attempt(request, options, signal, (r) => {
          retryAfter = r.headers.get('retry-after');
        });
      } catch (error) {
        if (isUncertain && error instanceof MlflowError) {
          const done = request.ifDoneBefore?.(error);
          if (done !== undefined) return done;
        }
        if (attempt > maxRetries || !mayRepeat(error, request.safe)) throw error;
        isUncertain ||= error instanceof MlflowError && mayHaveActed(error);
      }
      await sleep(backoff(attempt, this.options.backoffFactor ?? 2, retryAfter), signal);
    }
  }

  async #attempt<T>(
    request: Request<T>,
    options: CallOptions,
    signal: AbortSignal,
    onFailure: (response: Response) => void,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.options.timeoutMs ?? 120_000;
    const timeout = new AbortController();
    const timer = new Timer(timeoutMs, () => timeout.abort());
    const doFetch = this.options.fetch ?? globalThis.fetch;
    try {
      const response = await doFetch(this.#base + request.path + queryString(request.query), {
        method: request.method,
        headers: { ...this.#headers, ...request.headers },
        body: request.body?.(() => timer.restart()) ?? null,
        signal: AbortSignal.any([signal, timeout.signal]),
        // A body that is a stream needs it; other bodies are not touched by it.
        ...(request.body && { duplex: 'half' }),
      } as RequestInit);
      timer.restart();
      if (!response.ok) {
        onFailure(response);
        throw serverError(request, response, await response.text());
      }
      return await request.read(response, () => timer.restart());
    } catch (error) {
      if (error instanceof MlflowError) throw error;
      signal.throwIfAborted();
      if (timeout.signal.aborted) throw new MlflowTimeoutError(timeoutMs, request);
      if (isNetworkFailure(error)) throw connectionError(error, request, this.#base);
      throw error;
    } finally {
      timer.stop();
    }
  }
}

/** An endpoint of the JSON API; see {@link Request} for the fields. */
export type Endpoint<T> = Pick<Request<T>, 'method' | 'path' | 'ifDoneBefore'> & {
  /** @default true */
  safe?: boolean;
};

function decodeJson<T>(
  text: string,
  response: Response,
  endpoint: Pick<Request<T>, 'method' | 'path'>,
  decode: (answer: Answer) => T,
): T {
  try {
    return decode(new Answer(text === '' && !isJson(response) ? {} : parseJson(text)));
  } catch (cause) {
    if (!(cause instanceof InvalidField || cause instanceof SyntaxError)) throw cause;
    const { method, path } = endpoint;
    if (cause instanceof SyntaxError && isJson(response)) {
      throw cutShort({ method, path, cause });
    }
    const reason = cause instanceof SyntaxError ? 'the answer is not JSON' : cause.message;
    throw new MlflowAnswerError(reason, { method, path, status: response.status, cause });
  }
}
