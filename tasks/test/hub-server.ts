import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A repository of the test hub. */
export interface HubRepository {
  type: 'model' | 'dataset';
  name: string;
  /** Content by path. */
  files: Record<string, Buffer>;
  /** A revision; others are added as repositories of the same name. @default 'main' */
  revision?: string;
  /** `gated`: needs a token that was granted access; `private`: needs any token. */
  access?: 'public' | 'private' | 'gated';
}

/** What goes wrong with a request. */
export type Fault =
  | { status: number; headers?: Record<string, string> }
  /** The connection breaks after so many bytes of this answer's body. */
  | { cutAfter: number }
  /** As many bytes as announced, but others. */
  | 'wrong bytes'
  /** The whole file with status 200, whatever range was asked for. */
  | 'ignores range'
  /** A page of HTML where JSON belongs, as of a network's log-in. */
  | 'html';

export interface HubRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** `hub`, or `storage`: the other host that keeps large files. */
  host: 'hub' | 'storage';
  range: string | undefined;
  authorization: string | undefined;
  status: number;
}

/** Files from this size on are stored by LFS: on another host, with a sha256. */
const LFS_FROM = 10_000;
/** Entries of a listing in one answer. */
const PAGE = 2;

/** The token that every repository accepts, and one that gated repositories do not. */
export const GRANTED = 'hf_granted';
export const UNKNOWN_ACCOUNT = 'hf_not_granted';

/**
 * A Hugging Face hub on this machine: the endpoints that a download takes, and faults on demand.
 * Large files are redirected to another origin, as the real hub does.
 */
export class HubServer {
  readonly requests: HubRequest[] = [];
  readonly #repositories: HubRepository[] = [];
  readonly #faults: { pattern: RegExp; fault: Fault; left: number }[] = [];
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => this.#answer('hub', request, response));
    this.#storage = createServer((request, response) => this.#answer('storage', request, response));
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    for (const each of [server.#hub, server.#storage]) {
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`;
  }

  add(repository: HubRepository): void {
    this.#repositories.push(repository);
  }

  /** Forgets repositories, faults and requests. */
  reset(): void {
    this.#repositories.length = 0;
    this.#faults.length = 0;
    this.requests.length = 0;
  }

  /** The next `times` requests whose `host path` matches meet with the fault. */
  fail(pattern: RegExp, fault: Fault, times = 1): void {
    this.#faults.push({ pattern, fault, left: times });
  }

  async close(): Promise<void> {
    for (const each of [this.#hub, this.#storage]) {
      each.closeAllConnections();
      await new Promise((resolve) => each.close(resolve));
    }
  }

  #answer(host: HubRequest['host'], request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    response.on('close', () => {
      this.requests.push({
        method,
        path,
        host,
        range: headers.range,
        authorization: headers.authorization,
        status: response.statusCode,
      });
    });
    const fault = this.#faultFor(`${host} ${path}`);
    if (typeof fault === 'object' && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end('out of order');
    } else if (fault === 'html') {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Please log in</html>');
    } else if (host === 'storage') {
      const found = this.#repositories.flatMap((each) => Object.values(each.files));
      const content = found.find((each) => sha256(each) === path.slice(1));
      if (content) sendFile(request, response, content, fault);
      else response.writeHead(404).end();
    } else {
      this.#answerHub(path, request, response, fault);
    }
  }

  #faultFor(request: string): Fault | undefined {
    const found = this.#faults.find(({ pattern, left }) => left > 0 && pattern.test(request));
    if (found) found.left--;
    return found?.fault;
  }

  #answerHub(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
  ): void {
    const api = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/([^/?]+)/.exec(path);
    const file = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const type = (api ? api[1] === 'datasets' : file?.[1]) ? 'dataset' : 'model';
    const name = api?.[2] ?? file?.[2];
    const revision = decodeURIComponent(api?.[4] ?? file?.[3] ?? '');
    const same = this.#repositories.filter((each) => each.type === type && each.name === name);
    const isAt = (each: HubRepository) =>
      revision === commitOf(each) || revision === (each.revision ?? 'main');
    const repository = same.find(isAt) ?? same[0];
    const denied = denial(repository, request.headers.authorization);
    if (!repository || denied) {
      const [status, code] = denied ?? [404, 'RepoNotFound'];
      refuse(response, status, code);
      return;
    }
    if (!isAt(repository)) {
      refuse(response, 404, 'RevisionNotFound');
    } else if (api?.[3] === 'revision') {
      sendJson(response, {
        _id: '1',
        id: name,
        sha: commitOf(repository),
        private: false,
        gated: false,
        siblings: Object.keys(repository.files).map((rfilename) => ({ rfilename })),
      });
    } else if (api) {
      this.#sendTree(path, repository, response);
    } else {
      const content = repository.files[decodeURIComponent(file![4]!)];
      response.setHeader('X-Repo-Commit', commitOf(repository)); // Python asks for it
      if (!content) refuse(response, 404, 'EntryNotFound');
      else if (content.length >= LFS_FROM) {
        const { port } = this.#storage.address() as AddressInfo;
        response.writeHead(302, {
          Location: `http://localhost:${port}/${sha256(content)}`,
          'X-Linked-Size': content.length,
          'X-Linked-ETag': `"${sha256(content)}"`,
        });
        response.end();
      } else sendFile(request, response, content, fault);
    }
  }

  #sendTree(path: string, { files }: HubRepository, response: ServerResponse): void {
    const from = Number(new URL(path, this.url).searchParams.get('cursor') ?? 0);
    const entries = Object.entries(files).map(([path, content]) => ({
      type: 'file',
      path,
      size: content.length,
      oid: gitOid(content),
      ...(content.length >= LFS_FROM && {
        lfs: { oid: sha256(content), size: content.length, pointerSize: 130 },
      }),
    }));
    if (from + PAGE < entries.length) {
      const next = `${this.url}${path.split('?')[0]}?recursive=true&cursor=${from + PAGE}`;
      response.setHeader('Link', `<${next}>; rel="next"`);
    }
    sendJson(response, entries.slice(from, from + PAGE));
  }
}

/** Of the repository's content, so that the same files have the same commit. */
export function commitOf({ name, files }: HubRepository): string {
  const hash = createHash('sha1').update(name);
  for (const [path, content] of Object.entries(files)) hash.update(path).update(content);
  return hash.digest('hex');
}

function denial(
  repository: HubRepository | undefined,
  authorization: string | undefined,
): [number, string] | undefined {
  if (!repository) return authorization ? undefined : [401, 'RepoNotFound'];
  if (authorization !== undefined && !authorization.startsWith('Bearer hf_')) return [401, ''];
  if (repository.access === 'private' && !authorization) return [401, 'RepoNotFound'];
  if (repository.access === 'gated') {
    if (!authorization) return [401, 'GatedRepo'];
    if (authorization !== `Bearer ${GRANTED}`) return [403, 'GatedRepo'];
  }
  return undefined;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Error-Code': code });
  response.end(JSON.stringify({ error: code }));
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  fault: Fault | undefined,
): void {
  const range =
    fault === 'ignores range' ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range ? Math.min(Number(range[2]) + 1, content.length) : content.length;
  const body = Buffer.from(content.subarray(start, end));
  response.writeHead(range ? 206 : 200, {
    'Content-Length': body.length,
    'Accept-Ranges': 'bytes',
    ETag: `"${gitOid(content)}"`,
    ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${content.length}` }),
  });
  if (fault === 'wrong bytes') body.fill(0);
  if (typeof fault !== 'object' || !('cutAfter' in fault)) response.end(body);
  else response.write(body.subarray(0, fault.cutAfter), () => response.destroy());
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function gitOid(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** An address at which nothing answers. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
