import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import { authorization, credentialsIn } from '../address.js';

/** Addresses of proxies, as the environment variables of the same names have them. */
export interface Proxies {
  http?: string | undefined;
  https?: string | undefined;
  /** Hosts to be reached directly: `host`, `.domain`, `host:port` or `*`, with commas between. */
  none?: string | undefined;
}

export interface Proxy {
  url: URL;
  /** What the proxy is to be told. */
  headers: Record<string, string>;
}

/** The proxy that an address is to be reached through, if any. */
export function proxyFor(url: URL, proxies: Proxies): Proxy | undefined {
  const address = url.protocol === 'https:' ? proxies.https : proxies.http;
  if (!address || isExempt(url, proxies.none ?? '')) return undefined;
  const proxy = new URL(address.includes('://') ? address : `http://${address}`);
  const auth = credentialsIn(proxy);
  proxy.username = '';
  proxy.password = '';
  return { url: proxy, headers: auth ? { 'proxy-authorization': authorization(auth) } : {} };
}

function isExempt(url: URL, none: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return none
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', entryPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (entryPort !== undefined && entryPort !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

type OnConnection = (error: Error | null, socket: Duplex) => void;

/** Connections to TLS servers through a proxy: CONNECT, and TLS within. */
export class TunnelAgent extends https.Agent {
  constructor(
    private readonly proxy: Proxy,
    options: https.AgentOptions,
  ) {
    super(options);
  }

  override createConnection(
    options: http.ClientRequestArgs & ConnectionOptions,
    callback?: OnConnection,
  ): undefined {
    const target = `${options.host}:${options.port}`;
    const fail = (error: Error) => callback?.(error, undefined as unknown as Duplex);
    const module = this.proxy.url.protocol === 'https:' ? https : http;
    module
      .request(this.proxy.url, {
        method: 'CONNECT',
        path: target,
        headers: { host: target, ...this.proxy.headers },
        agent: false,
      })
      .once('connect', (response, socket) => {
        if (response.statusCode === 200) {
          callback?.(null, connect({ ...options, socket }));
        } else {
          socket.destroy();
          fail(new Error(`the proxy refuses to connect: ${response.statusCode}`));
        }
      })
      .once('error', fail)
      .end();
    return undefined;
  }
}
