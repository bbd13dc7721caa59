import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What may befall a call; `none` more often than the others. */
export const FAULTS = [
  'dropped before the server acts',
  'dropped after the server has acted',
  'delayed',
  '500 before the server acts',
  '500 after the server has acted',
  '429 with Retry-After',
  '503 with Retry-After',
  'body cut, connection closed',
  'body cut, length right',
] as const;

export type Fault = (typeof FAULTS)[number];

/** A proxy before an MLflow server that harms calls at random, by a seed, until it has harmed enough. */
export class FaultyProxy {
  readonly counts = new Map<Fault, number>();
  faults = 0;
  #server: Server | undefined;

  constructor(
    private readonly target: string,
    private readonly random: () => number,
    /** Share of the calls that are harmed. */
    private readonly rate: number,
    private readonly maxFaults: number,
  ) {}

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => request.socket.destroy());
    });
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#choose();
    const body = await read(request);
    if (fault === 'dropped before the server acts') return drop(request);
    if (fault === '500 before the server acts') return answer(response, 500);
    if (fault === '429 with Retry-After') return answer(response, 429, { 'retry-after': '0.01' });
    if (fault === '503 with Retry-After') return answer(response, 503, { 'retry-after': '0.01' });
    if (fault === 'delayed') await new Promise((resolve) => setTimeout(resolve, 30));

    const { status, headers, content } = await this.#forward(request, body);
    const half = content.subarray(0, content.length >> 1);
    if (fault === 'dropped after the server has acted') return drop(request);
    if (fault === '500 after the server has acted') return answer(response, 500);
    if (fault === 'body cut, length right') {
      response.writeHead(status, { ...headers, 'content-length': half.length }).end(half);
    } else if (fault === 'body cut, connection closed' && content.length > 0) {
      response.writeHead(status, { ...headers, 'content-length': content.length });
      response.write(half, () => drop(request));
    } else {
      response.writeHead(status, { ...headers, 'content-length': content.length }).end(content);
    }
  }

  #choose(): Fault | undefined {
    const isHarmed = this.random() < this.rate;
    const fault = FAULTS[Math.floor(this.random() * FAULTS.length)];
    if (!isHarmed || fault === undefined || this.faults >= this.maxFaults) return undefined;
    this.faults++;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    return fault;
  }

  async #forward({ method, url, headers }: IncomingMessage, body: Buffer) {
    const { host: _, 'transfer-encoding': __, connection: ___, ...kept } = headers;
    const forwarded = send(`${this.target}${url}`, {
      method,
      headers: { ...kept, 'content-length': body.length },
    });
    forwarded.end(body);
    const [answered] = (await once(forwarded, 'response')) as [IncomingMessage];
    return {
      status: answered.statusCode ?? 0,
      headers: { 'content-type': answered.headers['content-type'] ?? '' },
      content: await read(answered),
    };
  }
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

function drop(request: IncomingMessage): void {
  request.socket.destroy();
}

function answer(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, headers).end('<h1>broken</h1>');
}

/** Random numbers by a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
