import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** Hosts that exist in this network alone, and for its proxy only: no name server knows them. */
export const HUB = 'https://hub.company.test';
export const SLACK = 'https://slack.company.test';

/**
 * A network whose proxy is the only way out, and whose servers have certificates of the company's
 * own authority. The proxy takes whole addresses and CONNECT.
 */
export class CompanyNetwork {
  /** What passed: `GET http://…`, `CONNECT host:port`, and the requests to the company's servers. */
  readonly passed: string[] = [];
  /** Bodies that were posted to SLACK. */
  readonly messages: string[] = [];
  readonly certificate: string;
  readonly #proxy = createServer((incoming, answer) => {
    const { method = 'GET', headers, url = '' } = incoming;
    this.passed.push(`${method} ${url}`);
    const forward = request(url, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    forward.on('error', (error) => answer.writeHead(502).end(error.message));
    incoming.pipe(forward);
  });

  /** @param folder where the authority's key and certificates are put */
  constructor(folder: string) {
    const path = (name: string) => join(folder, name);
    const make = (name: string, ...more: string[]) =>
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
          ...['-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.crt`)],
          ...more,
        ],
        { stdio: 'pipe' },
      );
    make('company');
    const names = [HUB, SLACK].map((url) => `DNS:${new URL(url).hostname}`).join();
    const signed = ['-CA', path('company.crt'), '-CAkey', path('company.key')];
    const leaf = ['-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=CA:FALSE'];
    make('servers', ...signed, ...leaf);
    this.certificate = readFileSync(path('company.crt'), 'utf8');
    const key = readFileSync(path('servers.key'));
    const cert = readFileSync(path('servers.crt'));
    const servers = createTlsServer({ key, cert }, async (incoming, answer) => {
      const url = `https://${incoming.headers.host}${incoming.url}`;
      this.passed.push(`${incoming.method} ${url}`);
      let body = '';
      for await (const chunk of incoming) body += chunk;
      if (url.startsWith(SLACK)) this.messages.push(body);
      answer.writeHead(url.startsWith(SLACK) ? 200 : 404).end('ok');
    });
    this.#proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Duplex) => {
      this.passed.push(`CONNECT ${url}`);
      socket.on('error', () => socket.destroy());
      const [host = '', port] = url.split(':');
      if (host.endsWith('.company.test')) {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        servers.emit('connection', socket);
        return;
      }
      const outside = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(outside).pipe(socket);
      });
      outside.on('error', () => socket.destroy());
    });
  }

  /** @returns the proxy's port */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#proxy.listen(0, resolve));
    return (this.#proxy.address() as AddressInfo).port;
  }

  close(): void {
    this.#proxy.closeAllConnections();
    this.#proxy.close();
  }
}
