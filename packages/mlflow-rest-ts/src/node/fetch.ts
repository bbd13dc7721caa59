import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type Proxies, proxyFor, TunnelAgent } from './proxy.js';

/** How connections are made secure. */
export interface TlsOptions {
  /** Certificates, as PEM, that are trusted instead of the usual ones. */
  ca?: string | undefined;
  /** The client's own certificate, as PEM. */
  cert?: string | undefined;
  /** The key of that certificate, as PEM. */
  key?: string | undefined;
  /** Trusts any server. @default false */
  insecure?: boolean | undefined;
}

/** The server closes connections that idle for 5 s; this side is to be the first. */
const AGENT = { keepAlive: true, timeout: 3000 };

/**
 * A plain connection reads what has arrived, up to 1 MiB, at once: at Node's 64 KiB a large file
 * takes a quarter longer. (Node's sockets know this option, its types of the agent do not.)
 */
const LARGE_READS = {
  onread: {
    buffer: new Uint8Array(1 << 20),
    callback(this: Socket, length: number, buffer: Uint8Array): boolean {
      return this.push(Buffer.from(buffer.subarray(0, length)));
    },
  },
};

/**
 * A `fetch` on Node's own HTTP modules, because the built-in one can be given neither
 * certificates nor a proxy without another package. It sends strings, bytes and streams, does not
 * follow redirects, and reads a body only as it is asked for.
 */
export function createFetch(tls: TlsOptions, proxies: Proxies): typeof fetch {
  const { ca, cert, key, insecure } = tls;
  const secure = { ca, cert, key, rejectUnauthorized: insecure !== true };
  const direct = {
    'http:': new http.Agent({ ...AGENT, ...LARGE_READS }),
    'https:': new https.Agent({ ...AGENT, ...secure }),
  };
  const tunnels = new Map<string, TunnelAgent>();

  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const headers = Object.fromEntries(new Headers(init.headers));
    const proxy = proxyFor(url, proxies);
    const options: http.RequestOptions = { method: init.method ?? 'GET', headers };
    if (init.signal) options.signal = init.signal;

    let request: http.ClientRequest;
    if (proxy === undefined) {
      const agent = direct[url.protocol as keyof typeof direct];
      request = moduleOf(url).request(url, { ...options, agent });
    } else if (url.protocol === 'http:') {
      request = moduleOf(proxy.url).request(proxy.url, {
        ...options,
        path: url.href,
        headers: { ...headers, host: url.host, ...proxy.headers },
        agent: direct[proxy.url.protocol as keyof typeof direct],
      });
    } else {
      let agent = tunnels.get(proxy.url.href);
      if (agent === undefined) {
        agent = new TunnelAgent(proxy, { ...AGENT, ...secure });
        tunnels.set(proxy.url.href, agent);
      }
      request = https.request(url, { ...options, agent });
    }
    return exchange(request, init.body);
  };
  return send as typeof fetch;
}

function moduleOf(url: URL): typeof http | typeof https {
  return url.protocol === 'https:' ? https : http;
}

/** Sends the body and answers as soon as the server's headers are there. */
async function exchange(request: http.ClientRequest, body: RequestInit['body']): Promise<Response> {
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
  // A server that refuses a body answers before all of it is sent.
  const sent = sendBody(request, body).catch((error) => {
    request.destroy(error);
    throw error;
  });
  const message = await Promise.race([answered, sent.then(() => answered)]);
  sent.catch(() => undefined);
  return toResponse(message);
}

async function sendBody(request: http.ClientRequest, body: RequestInit['body']): Promise<void> {
  if (body instanceof ReadableStream) {
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    for (let next = await reader.read(); !next.done; ) {
      const isSent = request.write(next.value) || drained(request);
      // The next chunk is made ready while this one goes.
      [next] = await Promise.all([reader.read(), isSent]);
    }
    request.end();
  } else if (typeof body === 'string' || body instanceof Uint8Array) {
    // Node would leave it out of a DELETE, and then send the body nevertheless.
    request.setHeader('content-length', Buffer.byteLength(body));
    request.end(body);
  } else {
    request.end();
  }
}

function drained(request: http.ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      request.off('drain', settle).off('close', settle);
      if (request.destroyed) reject(request.errored ?? new Error('the connection is closed'));
      else resolve();
    };
    request.once('drain', settle).once('close', settle);
  });
}

/** Answers that have no body, by the standard of fetch. */
const NO_BODY = new Set([204, 205, 304]);

function toResponse(message: http.IncomingMessage): Response {
  const status = message.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const stream = NO_BODY.has(status) ? null : Readable.toWeb(message);
  if (stream === null) message.resume();
  return new Response(stream as ReadableStream<Uint8Array> | null, {
    status,
    statusText: message.statusMessage ?? '',
    headers,
  });
}
