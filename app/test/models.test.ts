import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { reviews } from '../../tasks/test/trained-pipeline.js';
import { call, registerVersion, startPage, type TestPage, until } from './page.js';

const model = uniqueName('page');
let page: TestPage;

beforeAll(async () => {
  const experiment = uniqueName('experiment');
  await registerVersion(model, experiment, 1, 'Production');
  await registerVersion(model, experiment, 2, 'Staging');
  page = await startPage(model, { readTestSplit: async () => reviews(200) });
  await until(async () => (await call(`${page.url}/health`)).status === 200);
});
afterAll(() => page.close());

const stages = async () => {
  const { json } = await call(`${page.url}/models`);
  return Object.fromEntries(
    json.versions.map((one: { version: string; stage: string }) => [one.version, one.stage]),
  );
};
const served = async () => (await call(`${page.url}/health`)).json.model.version;

describe('the registered versions', () => {
  it('are listed, newest first, with the one that answers', async () => {
    const { json } = await call(`${page.url}/models`);
    expect([json.name, json.served]).toEqual([model, '1']);
    expect(json.versions[0]).toMatchObject({
      version: '2',
      stage: 'Staging',
      aliases: ['staging'],
    });
    expect(json.versions[1]).toMatchObject({ version: '1', stage: 'Production' });
    expect(json.versions[1].accuracy).toBeGreaterThan(0);
  });

  it('are shown with figures, curve, data and lineage', async () => {
    const { status, json } = await call(`${page.url}/api/models/2`);
    expect(status).toBe(200);
    expect(json.evaluation.rows).toBe(200);
    expect(json.evaluation.slices.length).toBeGreaterThan(0);
    expect(json.training.history).toHaveLength(2);
    expect(json.data).toMatchObject({ name: 'reviews-of-a-test', labels: ['부정', '긍정'] });
    expect(json.links.run).toContain(json.runId);
    const plot = await fetch(`${page.url}/api/models/2/plots/roc`);
    expect(plot.headers.get('content-type')).toBe('image/svg+xml');
    expect(await plot.text()).toContain('<svg');
  });

  it('are compared, with the texts that they label differently', async () => {
    const { json } = await call(`${page.url}/api/models/2/comparison`);
    expect(['better', 'equal', 'worse']).toContain(json.verdict);
    expect(json.champion.version).toBe('1');
    const differences = await call(`${page.url}/api/models/2/differences?against=1`);
    const { rows, differing, onlyChallengerRight, onlyChampionRight, examples } = differences.json;
    expect(rows).toBe(200);
    expect(differing).toBeGreaterThan(0);
    expect(onlyChallengerRight + onlyChampionRight).toBe(differing); // of two labels one is right
    expect(json.figures.mcnemar).toMatchObject({ onlyChallengerRight, onlyChampionRight });
    const { text, champion, challenger } = examples[0];
    for (const [version, said] of [
      ['1', champion],
      ['2', challenger],
    ]) {
      const { json } = await call(`${page.url}/predict`, { body: { text, version } });
      expect(json.predictions[0].label).toBe(said.label);
      expect(json.predictions[0].score).toBeCloseTo(said.score, 2);
    }
  });

  it('says which version there is not', async () => {
    const { status, json } = await call(`${page.url}/api/models/99`);
    expect(status).toBe(409);
    expect(json.error.message).toContain('99');
  });
});

describe('moving a version', () => {
  it('asks once more where the gate would not promote', async () => {
    const body = { stage: 'Production' };
    const { status, json } = await call(`${page.url}/api/models/2/stage`, { body });
    expect([status, json.error.code]).toEqual([409, 'gate']);
    expect(await stages()).toEqual({ 1: 'Production', 2: 'Staging' });
  });

  it('serves the promoted one without a restart; requests under way finish on the one before', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `영화 배우 연기 ${i}`).join('\n');
    const sent = await fetch(`${page.url}/api/files?name=long.txt`, {
      method: 'POST',
      body: lines,
    });
    expect(sent.status).toBe(202);
    const { id } = (await sent.json()) as { id: string };
    const body = { stage: 'Production', why: '새 말뭉치', despiteGate: true };
    const { status, json } = await call(`${page.url}/api/models/2/stage`, { body });
    expect([status, json.stage]).toEqual([200, 'Production']);
    expect(await served()).toBe('2');
    expect(await stages()).toEqual({ 1: 'Archived', 2: 'Production' });
    expect(page.changes()).toBe(1);

    const job = await until(async () => {
      const { json } = await call(`${page.url}/api/files/${id}`);
      return json.status !== 'running' && json;
    });
    expect([job.status, job.done]).toEqual(['done', 3000]);
    const results = await (await fetch(`${page.url}/api/files/${id}/results?format=jsonl`)).text();
    const first = JSON.parse(results.slice(0, results.indexOf('\n')));
    const old = await call(`${page.url}/predict`, { body: { text: first.text, version: '1' } });
    expect(first.score).toBeCloseTo(old.json.predictions[0].score, 4);
  });

  it('rolls back, and keeps who did what and why', async () => {
    const { json } = await call(`${page.url}/api/rollback`, { body: { why: '너무 느리다' } });
    expect([json.version, json.stage]).toEqual(['1', 'Production']);
    expect(await served()).toBe('1');
    const { json: history } = await call(`${page.url}/api/history`);
    expect(history.changes).toContainEqual(
      expect.objectContaining({
        version: '2',
        to: 'Production',
        by: 'the tester',
        why: '새 말뭉치',
      }),
    );
    expect(history.changes).toContainEqual(
      expect.objectContaining({ version: '1', why: 'rolled back from version 2: 너무 느리다' }),
    );
  });

  it('follows what others change, such as `ml4 models promote`', async () => {
    await page.mlflow.promote({ name: model, version: '2', stage: 'Production' });
    await until(async () => (await served()) === '2');
  });
});
