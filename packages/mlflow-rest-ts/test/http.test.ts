import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MlflowClient, type MlflowError, type NodeClientOptions } from '../src/node/index.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;

/** A client of a server that gives these answers, one after the other, the last one for ever. */
async function clientOf(answers: Answer[], options: NodeClientOptions = {}) {
  const calls: IncomingMessage[] = [];
  server = createServer((request, response) => {
    calls.push(request);
    const answer = answers[Math.min(calls.length, answers.length) - 1];
    request.resume().on('end', () => answer?.(request, response));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const trackingUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new MlflowClient({ trackingUri, backoffFactor: 0.01, ...options });
  return { client, calls, trackingUri };
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const json =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
const html =
  (status: number, body: string): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(body);
const drop: Answer = (request) => request.socket.destroy();
const cut: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
  response.write(RUN.slice(0, 40), () => request.socket.destroy());
};
const silence: Answer = () => undefined;

const RUN = JSON.stringify({
  run: {
    info: {
      run_id: 'r',
      experiment_id: '1',
      status: 'RUNNING',
      artifact_uri: 'mlflow-artifacts:/1/r/artifacts',
      lifecycle_stage: 'active',
    },
  },
});
const BUSY = json(503, '{"error_code":"TEMPORARILY_UNAVAILABLE","message":"busy"}');

describe('a call that may be repeated', () => {
  it.each([
    ['is dropped', drop],
    ['is answered 500', html(500, '<h1>oops</h1>')],
    ['is answered 429', json(429, '{}')],
    ['is answered 503', BUSY],
    ['gets half an answer', json(200, RUN.slice(0, 40))],
    ['gets less than it was promised', cut],
  ])('is, when it %s', async (_, failure) => {
    const { client, calls } = await clientOf([failure, failure, json(200, RUN)]);
    expect((await client.runs.get({ runId: 'r' })).info.runId).toBe('r');
    expect(calls).toHaveLength(3);
  });

  it('is, as often as maxRetries says', async () => {
    const { client, calls } = await clientOf([BUSY], { maxRetries: 2 });
    await expect(client.runs.get({ runId: 'r' })).rejects.toMatchObject({ status: 503 });
    expect(calls).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    const wait = json(503, '{}', { 'retry-after': '1' });
    const { client } = await clientOf([wait, json(200, RUN)]);
    const start = performance.now();
    await client.runs.get({ runId: 'r' });
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it('is not, when the server says that it is wrong', async () => {
    const wrong = json(400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no such key"}');
    const { client, calls } = await clientOf([wrong]);
    await expect(client.runs.get({ runId: 'r' })).rejects.toMatchObject({
      errorCode: 'INVALID_PARAMETER_VALUE',
      reason: 'no such key',
    });
    expect(calls).toHaveLength(1);
  });

  it('was done, when its repetition finds nothing to delete', async () => {
    const gone = json(404, '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"gone"}');
    const { client } = await clientOf([drop, gone]);
    await client.registeredModels.delete({ name: 'm' });
    await expect(client.registeredModels.delete({ name: 'm' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a call that makes something without a name', () => {
  it('is not repeated, where the server may have acted', async () => {
    const { client, calls } = await clientOf([drop, json(200, RUN)]);
    await expect(client.runs.create({ experimentId: '1' })).rejects.toMatchObject({
      name: 'MlflowConnectionError',
      neverSent: false,
    });
    expect(calls).toHaveLength(1);
  });

  it('is repeated, where the server has refused to', async () => {
    const { client, calls } = await clientOf([json(429, '{}'), json(200, RUN)]);
    await client.runs.create({ experimentId: '1' });
    expect(calls).toHaveLength(2);
  });
});

describe('a call ends', () => {
  it('with a time-out, when no answer comes', async () => {
    const { client } = await clientOf([silence], { maxRetries: 0 });
    await expect(client.runs.get({ runId: 'r', timeoutMs: 50 })).rejects.toMatchObject({
      name: 'MlflowTimeoutError',
      errorCode: 'TIMEOUT',
      path: '/api/2.0/mlflow/runs/get',
    });
  });

  it('with the reason of its signal, at once', async () => {
    const { client, calls } = await clientOf([BUSY], { backoffFactor: 1000 });
    const abort = new AbortController();
    const call = client.runs.get({ runId: 'r', signal: abort.signal });
    server?.once('request', (_, response) =>
      response.once('close', () => abort.abort(new Error('enough'))),
    );
    await expect(call).rejects.toThrow('enough');
    expect(calls).toHaveLength(1);
  });

  it("with the reason of the client's signal", async () => {
    const { client } = await clientOf([silence], { signal: AbortSignal.abort(new Error('over')) });
    await expect(client.runs.get({ runId: 'r' })).rejects.toThrow('over');
  });
});

describe('an error says what to do', () => {
  const failure = async (answer: Answer): Promise<MlflowError> => {
    const { client } = await clientOf([answer], { maxRetries: 0 });
    return client.runs.get({ runId: 'r' }).then(
      () => expect.unreachable(),
      (error) => error,
    );
  };

  it.each([
    ['401 in plain text', html(401, 'You are not authenticated.'), 'MLFLOW_TRACKING_USERNAME'],
    ['403 of the host check', html(403, 'Invalid Host header'), '--allowed-hosts'],
    ['404 of another server', html(404, '<title>x</title><h1>Not Found</h1>'), 'trackingUri'],
    ['a page instead of JSON', html(200, '<html>Sign in</html>'), 'trackingUri'],
    ['JSON that is no run', json(200, '{"run": {"info": {}}}'), 'trackingUri'],
    ['a redirection', (_, r) => r.writeHead(302, { location: 'http://x/' }).end(), 'http://x/'],
  ] as [string, Answer, string][])('on %s', async (_, answer, hint) => {
    const error = await failure(answer);
    expect(error.hint).toContain(hint);
    expect(error.message).toContain(hint);
    expect(error.message).not.toMatch(/<h|<title/);
  });

  it('on a server that is not there', async () => {
    const { client, trackingUri } = await clientOf([silence], { maxRetries: 0 });
    server?.close();
    await expect(client.runs.get({ runId: 'r' })).rejects.toMatchObject({
      neverSent: true,
      hint: `does MLflow run at ${trackingUri}?`,
    });
  });
});

describe('answers', () => {
  it('may hold bare NaN and Infinity, and integers of 64 bits', async () => {
    const metrics = `{"metrics":[
      {"key":"NaN \\" NaN","value":NaN,"timestamp":1,"step":9223372036854775807},
      {"key":"i","value":-Infinity,"timestamp":1,"step":"-9223372036854775808"},
      {"key":"m","value":1.7976931348623157e308,"timestamp":1700000000000,"step":12345678},
      {"key":"d","value":-0.3333333333333333,"timestamp":1e3,"step":1}]}`;
    const { client } = await clientOf([json(200, metrics)]);
    const page = await client.metrics.getHistory({ runId: 'r', key: 'k' });
    expect(page.metrics).toMatchObject([
      { key: 'NaN " NaN', value: Number.NaN, step: 2n ** 63n - 1n },
      { value: -Infinity, step: -(2n ** 63n) },
      { value: Infinity, timestamp: 1_700_000_000_000, step: 12345678 },
      { value: -0.3333333333333333, timestamp: 1000, step: 1 },
    ]);
  });
});

describe('requests', () => {
  it('go through the fetch that is given, with the headers that are given', async () => {
    const seen: [string, RequestInit | undefined][] = [];
    const client = new MlflowClient({
      trackingUri: 'http://somewhere/base/',
      headers: { 'x-team': 'a' },
      auth: { token: 't' },
      fetch: async (input, init) => {
        seen.push([String(input), init]);
        return Response.json(JSON.parse(RUN));
      },
    });
    await client.runs.get({ runId: 'a&b' });
    expect(seen[0]?.[0]).toBe('http://somewhere/base/api/2.0/mlflow/runs/get?run_id=a%26b');
    expect(seen[0]?.[1]?.headers).toEqual({ authorization: 'Bearer t', 'x-team': 'a' });
  });

  it('send and read files with the built-in fetch too', async () => {
    const { client, calls } = await clientOf([(_, response) => response.end('bytes')], {
      fetch: globalThis.fetch,
    });
    const { sha256 } = await client.uploadFile('mlflow-artifacts:/1/a', import.meta.filename);
    expect(sha256).toHaveLength(64);
    expect(Number(calls[0]?.headers['content-length'])).toBeGreaterThan(1000);
    const bytes = await client.readArtifact('mlflow-artifacts:/1/a');
    expect(new TextDecoder().decode(bytes)).toBe('bytes');
  });
});
