import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MlflowClient } from 'mlflow-rest-ts';
import { afterEach, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { call, startPage, type TestPage } from './page.js';

let page: TestPage | undefined;
let airflow: Server | undefined;
afterEach(async () => {
  await page?.close();
  airflow?.close();
  page = airflow = undefined;
});

describe('GET /api/runs', () => {
  it('follows a pipeline from fetch to register', async () => {
    const mlflow = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    const experiment = uniqueName('experiment');
    const { experimentId } = await mlflow.ensureExperiment(experiment);
    await mlflow.runs.create({ experimentId, runName: 'not a pipeline of ml4' });
    const { info } = await mlflow.ensureRun({
      experimentId,
      keyTag: 'ml4.pipeline_id',
      key: 'manual__2026-11-23T12:00:00+00:00',
    });
    const { runId } = info;
    page = await startPage(uniqueName('page'), { mlflow, experiment });
    const shown = async () => (await call(`${page!.url}/api/runs/${runId}`)).json;
    expect(await shown()).toMatchObject({ status: 'RUNNING', stage: 'fetch', steps: null });

    await mlflow.logParams(runId, { 'train.batch_size': '32', 'train.epochs': '2' });
    await mlflow.runs.logInputs({
      runId,
      datasets: [
        {
          tags: { 'mlflow.data.context': 'train' },
          dataset: {
            name: 'reviews train',
            digest: '1',
            sourceType: 'local',
            source: '{}',
            profile: '{"num_rows": 100}',
          },
        },
      ],
    });
    expect(await shown()).toMatchObject({ stage: 'train', step: null, steps: 8 });
    const log = (key: string, value: number, step: number) =>
      mlflow.runs.logMetric({ runId, key, value, step });
    await log('train/loss', 0.7, 1);
    await log('train/loss', 0.5, 2);
    expect(await shown()).toMatchObject({
      stage: 'train',
      step: 2,
      curves: {
        'train/loss': [
          { step: 1, value: 0.7 },
          { step: 2, value: 0.5 },
        ],
        'dev/loss': [],
      },
    });
    await log('train/loss', 0.4, 8);
    expect((await shown()).stage).toBe('eval');
    await log('test/accuracy', 0.9, 0);
    expect((await shown()).stage).toBe('register');
    await mlflow.setTags(runId, { 'ml4.gate': 'passed' });
    await mlflow.runs.update({ runId, status: 'FINISHED', endTime: Date.now() });

    const { json } = await call(`${page.url}/api/runs`);
    expect(json.runs).toHaveLength(1);
    expect(json.runs[0]).toMatchObject({
      status: 'FINISHED',
      stage: null,
      accuracy: 0.9,
      gate: 'passed',
      links: { airflow: null },
    });
    expect(json.runs[0].links.mlflow).toContain(`experiments/${experimentId}/runs/${runId}`);
  });

  it('shows the pipelines of all experiments where none is named', async () => {
    const mlflow = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    const made: string[] = [];
    for (const name of ['one', 'other']) {
      const { experimentId } = await mlflow.ensureExperiment(uniqueName(name));
      const { info } = await mlflow.ensureRun({
        experimentId,
        keyTag: 'ml4.pipeline_id',
        key: uniqueName('pipeline'),
      });
      made.unshift(info.runId);
    }
    page = await startPage(uniqueName('page'), { mlflow, experiment: null });
    const { json } = await call(`${page.url}/api/runs`);
    const shown = json.runs.map(({ runId }: { runId: string }) => runId);
    expect(shown.filter((runId: string) => made.includes(runId))).toEqual(made);
  });

  it('says which run there is not', async () => {
    page = await startPage(uniqueName('page'));
    const { status } = await call(`${page.url}/api/runs/${'0'.repeat(32)}`);
    expect(status).toBe(404);
  });
});

/** Speaks Airflow 3's REST API, as far as it takes to start a run. */
async function fakeAirflow({ tokens }: { tokens: string[] }) {
  const seen: { path: string; authorization: string | undefined; body: unknown }[] = [];
  airflow = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request));
    const { url: path = '', headers } = request;
    seen.push({ path, authorization: headers.authorization, body });
    const answer = (status: number, content: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(content));
    };
    if (path === '/auth/token') {
      if (body.password !== 'admin') return answer(401, { detail: 'Invalid credentials' });
      return answer(201, { access_token: tokens.shift() });
    }
    if (headers.authorization !== 'Bearer good') return answer(401, { detail: 'Expired' });
    if (path !== '/api/v2/dags/ml4_pipeline/dagRuns') return answer(404, { detail: 'No DAG' });
    if (body.conf['train.epochs'] === -1) {
      return answer(400, { detail: 'Invalid input for param train.epochs: -1 is less than 1' });
    }
    return answer(200, { dag_run_id: 'manual__2026-11-23T12:00:00+00:00', state: 'queued' });
  });
  await new Promise<void>((resolve) => airflow!.listen(0, '127.0.0.1', resolve));
  const { port } = airflow.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const options = (url: string) => ({
  url,
  username: 'admin',
  password: 'admin',
  dagId: 'ml4_pipeline',
});

describe('POST /api/runs', () => {
  it('starts a run of the DAG, and links to it', async () => {
    const { url, seen } = await fakeAirflow({ tokens: ['good'] });
    page = await startPage(uniqueName('page'), { airflow: options(url) });
    expect((await call(`${page.url}/api/runs`)).json.canStart).toBe(true);
    const conf = { 'train.epochs': 3 };
    const { status, json } = await call(`${page.url}/api/runs`, { body: { conf } });
    expect([status, json.pipelineId]).toEqual([202, 'manual__2026-11-23T12:00:00+00:00']);
    expect(json.link).toBe(
      `${url}/dags/ml4_pipeline/runs/manual__2026-11-23T12%3A00%3A00%2B00%3A00`,
    );
    expect(seen[0]!.body).toEqual({ username: 'admin', password: 'admin' });
    expect(seen[1]!.body).toEqual({ logical_date: null, conf });
    await call(`${page.url}/api/runs`, { body: {} });
    expect(seen.map(({ path }) => path).filter((path) => path === '/auth/token')).toHaveLength(1);
  });

  it('signs in again when the token has expired', async () => {
    const { url } = await fakeAirflow({ tokens: ['good', 'good'] });
    page = await startPage(uniqueName('page'), { airflow: options(url) });
    expect((await call(`${page.url}/api/runs`, { body: {} })).status).toBe(202);
    const stale = await fakeAirflow({ tokens: ['stale', 'good'] });
    await page.close();
    page = await startPage(uniqueName('page'), { airflow: options(stale.url) });
    expect((await call(`${page.url}/api/runs`, { body: {} })).status).toBe(502);
    expect((await call(`${page.url}/api/runs`, { body: {} })).status).toBe(202);
  });

  it('says what Airflow refuses, and when it is away', async () => {
    const { url } = await fakeAirflow({ tokens: ['good'] });
    page = await startPage(uniqueName('page'), { airflow: options(url) });
    const refused = await call(`${page.url}/api/runs`, { body: { conf: { 'train.epochs': -1 } } });
    expect(refused.status).toBe(502);
    expect(refused.json.error.message).toContain('-1 is less than 1');
    await page.close();
    page = await startPage(uniqueName('page'), {
      airflow: { ...options(url), password: 'wrong' },
    });
    const wrong = await call(`${page.url}/api/runs`, { body: {} });
    expect(wrong.json.error.message).toContain('AIRFLOW_PASSWORD');
    await page.close();
    page = await startPage(uniqueName('page'), { airflow: options('http://127.0.0.1:9') });
    const away = await call(`${page.url}/api/runs`, { body: {} });
    expect([away.status, away.json.error.code]).toEqual([503, 'airflow_unreachable']);
  });

  it('is not there without Airflow', async () => {
    page = await startPage(uniqueName('page'));
    const { status, json } = await call(`${page.url}/api/runs`, { body: {} });
    expect([status, json.error.code]).toEqual([409, 'no_airflow']);
  });
});
