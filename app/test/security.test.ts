import { request } from 'node:http';
import { MlflowClient } from 'mlflow-rest-ts';
import { afterEach, describe, expect, it } from 'vitest';
import { uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { call, startPage, type TestPage } from './page.js';

let page: TestPage;
afterEach(() => page.close());

/** fetch does not let a program set these headers; a foreign page's browser sends them. */
function raw(path: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${page.url}${path}`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    call.on('error', reject).end();
  });
}

describe('without a password', () => {
  it('answers to this machine’s own names only', async () => {
    page = await startPage(uniqueName('page'));
    const port = new URL(page.url).port;
    expect(await raw('/models', 'GET', { host: `localhost:${port}` })).toBe(200);
    expect(await raw('/models', 'GET', { host: `evil.example:${port}` })).toBe(403);
  });

  it('refuses what another site sends', async () => {
    page = await startPage(uniqueName('page'));
    const { host } = new URL(page.url);
    const rollback = (headers: Record<string, string>) => raw('/api/rollback', 'POST', headers);
    expect(await rollback({ origin: 'https://evil.example' })).toBe(403);
    expect(await rollback({ origin: 'null' })).toBe(403);
    expect(await rollback({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await rollback({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await rollback({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toBe(409);
    expect(await raw('/api/files?name=a.txt', 'POST', { origin: 'https://evil.example' })).toBe(
      403,
    );
  });

  it('sends the headers that keep a page to itself', async () => {
    page = await startPage(uniqueName('page'));
    const { headers } = await call(`${page.url}/models`);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const answer = await fetch(`${page.url}/`);
      const [, nonce] = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy')!)!;
      expect(await answer.text()).toContain(`content="${nonce}"`);
      nonces.add(nonce!);
    }
    expect(nonces.size).toBe(3);
  });
});

describe('with a password and a token', () => {
  const credentials = { password: '열려라 참깨', token: 'token-of-a-program' };
  const open = async () => {
    page = await startPage(uniqueName('page'), { credentials, local: false });
  };

  it('lets in who knows one of them', async () => {
    await open();
    expect((await call(`${page.url}/models`)).status).toBe(401);
    expect((await call(`${page.url}/api/runs`)).status).toBe(401);
    expect((await call(`${page.url}/predict`, { body: { text: 'a' } })).status).toBe(401);
    const headers = { authorization: `Bearer ${credentials.token}` };
    expect((await call(`${page.url}/models`, { headers })).status).toBe(200);
    const wrong = { authorization: 'Bearer token-of-another' };
    expect((await call(`${page.url}/models`, { headers: wrong })).status).toBe(401);

    const { password } = credentials;
    const signed = await call(`${page.url}/api/session`, { body: { password } });
    expect(signed.json).toEqual({ required: true, open: true });
    const cookie = signed.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const session = { cookie: cookie.split(';')[0]! };
    expect((await call(`${page.url}/models`, { headers: session })).status).toBe(200);
    const forged = { cookie: `ml4_session=${Date.now() + 1e9}.${'A'.repeat(43)}` };
    expect((await call(`${page.url}/models`, { headers: forged })).status).toBe(401);
  });

  it('shows everyone the way in, and whether it is well', async () => {
    await open();
    expect((await fetch(`${page.url}/`)).status).toBe(200);
    expect((await call(`${page.url}/api/session`)).json).toEqual({ required: true, open: false });
    expect((await call(`${page.url}/health`)).status).toBe(503); // it has no model
  });

  it('stops listening to guesses', async () => {
    await open();
    const guess = (password: string) => call(`${page.url}/api/session`, { body: { password } });
    for (let i = 0; i < 10; i++) expect((await guess(`guess ${i}`)).status).toBe(401);
    const { status, json } = await guess(credentials.password);
    expect([status, json.error.code]).toEqual([429, 'too_many']);
  });
});

describe('when MLflow is away', () => {
  it('says so, and goes on', async () => {
    const mlflow = new MlflowClient({ trackingUri: 'http://127.0.0.1:9', maxRetries: 0 });
    const source = {
      find: async () => {
        await mlflow.registeredModels.get({ name: 'x' });
        return undefined;
      },
      folder: async () => '',
    };
    page = await startPage(uniqueName('page'), { mlflow, source });
    for (const path of ['/models', '/api/runs', '/api/models/1']) {
      const { status, json } = await call(`${page.url}${path}`);
      expect([status, json.error.code]).toEqual([503, 'mlflow_unreachable']);
    }
    const predicted = await call(`${page.url}/predict`, { body: { text: 'a' } });
    expect([predicted.status, predicted.json.error.code]).toEqual([503, 'mlflow_unreachable']);
    const { status, json } = await call(`${page.url}/health`);
    expect([status, json.status]).toEqual([503, 'failing']);
  });
});

describe('when nothing is registered', () => {
  it('says what to do', async () => {
    page = await startPage(uniqueName('page'));
    const { status, json } = await call(`${page.url}/predict`, { body: { text: 'a' } });
    expect([status, json.error.code]).toEqual([404, 'no_model']);
    expect((await call(`${page.url}/models`)).json.versions).toEqual([]);
    expect((await call(`${page.url}/api/runs`)).json).toEqual({ runs: [], canStart: false });
  });
});
