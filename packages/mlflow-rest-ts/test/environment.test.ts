import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MlflowClient, type NodeClientOptions } from '../src/node/index.js';
import { olderThan, python } from './python.js';

/** Answers /version with what the request came with. */
const tell: http.RequestListener = ({ headers, url, socket }, response) =>
  response.end(
    JSON.stringify({
      url,
      authorization: headers.authorization,
      peer: (socket as TLSSocket).getPeerCertificate?.().subject?.CN,
    }),
  );

const servers: http.Server[] = [];
let folder: string;
let plain: string;

async function listen(server: http.Server): Promise<string> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a request of a client of these options came with. */
async function request(options: NodeClientOptions = {}) {
  const client = new MlflowClient({ maxRetries: 0, ...options });
  return JSON.parse(await client.serverVersion()) as Record<string, string | undefined>;
}

function setEnvironment(variables: Record<string, string>) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'environment-test-'));
  plain = `http://${await listen(http.createServer(tell))}`;
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

describe('who the client is', () => {
  const basic = (username: string, password: string) =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const TOKEN = { MLFLOW_TRACKING_TOKEN: 'from-env' };
  const USER = { MLFLOW_TRACKING_USERNAME: 'env', MLFLOW_TRACKING_PASSWORD: 'pässword:1' };

  beforeAll(async () => {
    await mkdir(join(folder, 'home', '.mlflow'), { recursive: true });
    await writeFile(
      join(folder, 'home', '.mlflow', 'credentials'),
      '# ours\n[other]\nmlflow_tracking_username = x\n[mlflow]\nmlflow_tracking_username = file\nmlflow_tracking_password = a=b\n',
    );
  });

  // From the weakest to the strongest: what is set, beside all that is above it.
  it.each([
    ['nobody, where nothing says it', {}, {}, undefined, false],
    ['MLFLOW_TRACKING_TOKEN', TOKEN, {}, 'Bearer from-env', false],
    ['~/.mlflow/credentials', TOKEN, {}, basic('file', 'a=b'), true],
    [
      'a user from the environment, with the password of the file',
      { ...TOKEN, MLFLOW_TRACKING_USERNAME: 'env' },
      {},
      basic('env', 'a=b'),
      true,
    ],
    [
      'MLFLOW_TRACKING_USERNAME and _PASSWORD',
      { ...TOKEN, ...USER },
      {},
      basic('env', 'pässword:1'),
      true,
    ],
    ['the address', { ...TOKEN, ...USER }, 'address', basic('in', 'address@'), true],
    ['`auth`', { ...TOKEN, ...USER }, { auth: { token: 'given' } }, 'Bearer given', true],
    [
      '`headers`',
      { ...TOKEN, ...USER },
      { auth: { token: 'given' }, headers: { authorization: 'X' } },
      'X',
      true,
    ],
  ] as [
    string,
    Record<string, string>,
    NodeClientOptions | 'address',
    string | undefined,
    boolean,
  ][])('is said by %s', async (_, env, options, expected, withFile) => {
    setEnvironment({ ...env, HOME: join(folder, withFile ? 'home' : 'nobody') });
    const trackingUri = options === 'address' ? plain.replace('//', '//in:address%40@') : plain;
    const given = options === 'address' ? {} : options;
    expect((await request({ trackingUri, ...given })).authorization).toBe(expected);
  });

  it('is in no error', async () => {
    setEnvironment({ ...USER, HOME: folder });
    const trackingUri = 'http://in:secret@127.0.0.1:9';
    const failure = await request({ trackingUri }).catch((error) => error);
    const { stack, hint } = failure;
    expect(hint).toContain('http://127.0.0.1:9');
    expect(stack + JSON.stringify(failure)).not.toMatch(/secret|pässword|Basic/);
    expect(() => new MlflowClient({ trackingUri: 'ftp://in:secret@x' })).toThrow('ftp://x');
  });
});

describe('the server', () => {
  it('is the one of trackingUri, else of MLFLOW_TRACKING_URI', async () => {
    expect(() => new MlflowClient({})).toThrow('MLFLOW_TRACKING_URI');
    setEnvironment({ MLFLOW_TRACKING_URI: `${plain}/a` });
    expect((await request()).url).toBe('/a/version');
    expect((await request({ trackingUri: `${plain}/b` })).url).toBe('/b/version');
  });
});

describe('patience', () => {
  it('is that of the options, else of MLFLOW_HTTP_REQUEST_…', async () => {
    let calls = 0;
    const server = http.createServer((_, response) => {
      calls++;
      response.writeHead(503).end();
    });
    const trackingUri = `http://${await listen(server)}`;
    setEnvironment({
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.001',
    });
    await expect(new MlflowClient({ trackingUri }).serverVersion()).rejects.toThrow('503');
    expect(calls).toBe(3);
    await expect(request({ trackingUri, maxRetries: 0 })).rejects.toThrow('503');
    expect(calls).toBe(4);
    setEnvironment({ MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' });
    expect(() => new MlflowClient({ trackingUri })).toThrow('MLFLOW_HTTP_REQUEST_TIMEOUT');
  });
});

describe.skipIf(await olderThan('3.0'))('TLS', () => {
  let secure: string;
  const pem = (name: string) => join(folder, `${name}.pem`);

  beforeAll(async () => {
    await python(join(import.meta.dirname, 'certificates.py'), folder);
    const own = await readFile(pem('server'), 'utf8');
    const ca = await readFile(pem('ca'), 'utf8');
    const options = { key: own, cert: own, ca, requestCert: true, rejectUnauthorized: false };
    secure = `https://${await listen(https.createServer(options, tell))}`;
  });

  it('is refused by a server of an unknown authority', async () => {
    await expect(request({ trackingUri: secure, maxRetries: 7 })).rejects.toMatchObject({
      errorCode: 'UNTRUSTED_SERVER',
      hint: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH'),
    });
  });

  it('trusts the authority of MLFLOW_TRACKING_SERVER_CERT_PATH', async () => {
    setEnvironment({ MLFLOW_TRACKING_SERVER_CERT_PATH: pem('ca') });
    expect((await request({ trackingUri: secure })).url).toBe('/version');
    setEnvironment({ MLFLOW_TRACKING_INSECURE_TLS: 'true' });
    expect(() => new MlflowClient({ trackingUri: secure })).toThrow('unset one');
  });

  it('trusts everybody with MLFLOW_TRACKING_INSECURE_TLS', async () => {
    setEnvironment({ MLFLOW_TRACKING_INSECURE_TLS: 'true' });
    expect((await request({ trackingUri: secure })).url).toBe('/version');
  });

  it('shows the certificate of MLFLOW_TRACKING_CLIENT_CERT_PATH', async () => {
    setEnvironment({
      MLFLOW_TRACKING_SERVER_CERT_PATH: pem('ca'),
      MLFLOW_TRACKING_CLIENT_CERT_PATH: pem('client'),
    });
    expect((await request({ trackingUri: secure })).peer).toBe('client');
    const [ca, own] = [await readFile(pem('ca'), 'utf8'), await readFile(pem('server'), 'utf8')];
    const given = await request({ trackingUri: secure, tls: { ca, cert: own, key: own } });
    expect(given.peer).toBe('server');
  });

  it('names the variable whose file it cannot read', () => {
    setEnvironment({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, 'none.pem') });
    expect(() => new MlflowClient({ trackingUri: secure })).toThrow(
      'MLFLOW_TRACKING_SERVER_CERT_PATH',
    );
  });

  describe('and proxies', () => {
    let proxy: string;
    const seen: string[] = [];

    beforeAll(async () => {
      const server = http.createServer((incoming, response) => {
        seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['proxy-authorization']}`);
        const { headers, url = '' } = incoming;
        http.get(url, { headers }, (answer) => answer.pipe(response));
      });
      server.on('connect', (incoming, client, head) => {
        seen.push(`CONNECT ${incoming.url} ${incoming.headers['proxy-authorization']}`);
        const target = connect(Number(incoming.url?.split(':')[1]), '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          target.write(head);
          client.pipe(target).pipe(client);
        });
      });
      proxy = `http://user:word@${await listen(server)}`;
    });
    afterEach(() => seen.splice(0));
    const AUTH = 'Basic dXNlcjp3b3Jk';

    it('go through HTTP_PROXY and HTTPS_PROXY', async () => {
      setEnvironment({ HTTP_PROXY: proxy, HTTPS_PROXY: proxy });
      setEnvironment({ MLFLOW_TRACKING_SERVER_CERT_PATH: pem('ca') });
      expect((await request({ trackingUri: plain })).url).toBe('/version');
      expect((await request({ trackingUri: secure })).url).toBe('/version');
      const host = secure.replace('https://', '');
      expect(seen).toEqual([`GET ${plain}/version ${AUTH}`, `CONNECT ${host} ${AUTH}`]);
    });

    it.each(['*', '127.0.0.1', 'x, 127.0.0.1:PORT', '.0.0.1'])(
      'spare NO_PROXY=%s',
      async (none) => {
        setEnvironment({ http_proxy: proxy, NO_PROXY: none.replace('PORT', new URL(plain).port) });
        await request({ trackingUri: plain });
        expect(seen).toEqual([]);
      },
    );

    it('are used for what NO_PROXY does not name', async () => {
      setEnvironment({ http_proxy: proxy, NO_PROXY: '127.0.0.1:1, other, 0.0.2' });
      await request({ trackingUri: plain });
      expect(seen).toHaveLength(1);
    });
  });
});
