import { TextClassifier } from 'bert-tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { call, registerVersion, startPage, type TestPage, until } from './page.js';

const model = uniqueName('page');
const TEXTS = ['영화 재밌다', '배우 연기 너무 지루하다', '', '정말 정말 정말 음악 결말 안 재밌다'];
let page: TestPage;

beforeAll(async () => {
  await registerVersion(model, uniqueName('experiment'), 1, 'Production');
  page = await startPage(model);
  await until(async () => (await call(`${page.url}/health`)).status === 200);
});
afterAll(() => page.close());

describe('POST /predict', () => {
  it('answers what the model says of each text, in their order', async () => {
    const classifier = await TextClassifier.load(await page.folderOf('1'));
    const expected = await classifier.predict(TEXTS);
    classifier.dispose();
    const { status, json } = await call(`${page.url}/predict`, { body: { texts: TEXTS } });
    expect(status).toBe(200);
    expect(json.model).toEqual({ name: model, version: '1', stage: 'Production' });
    for (const [i, { label, score, probabilities }] of expected.entries()) {
      expect(json.predictions[i].label).toBe(label);
      expect(json.predictions[i].score).toBeCloseTo(score, 5);
      expect(Object.keys(json.predictions[i].probabilities)).toEqual(['부정', '긍정']);
      expect(json.predictions[i].probabilities.긍정).toBeCloseTo(probabilities[1]!, 5);
    }
  });

  it('answers each of many clients at once with its own', async () => {
    const words = ['영화', '배우', '연기', '음악', '결말', '재밌다', '지루하다'];
    const texts = Array.from({ length: 100 }, (_, i) =>
      [words[i % 7], words[(i * 3) % 7], words[(i * 5) % 7]].join(' ').slice(0, 3 + (i % 9)),
    );
    const { json: together } = await call(`${page.url}/predict`, { body: { texts } });
    const alone = await Promise.all(
      texts.map(async (text) => (await call(`${page.url}/predict`, { body: { text } })).json),
    );
    for (const [i, { predictions }] of alone.entries()) {
      expect(predictions).toHaveLength(1);
      expect(predictions[0].score).toBeCloseTo(together.predictions[i].score, 5);
      expect(predictions[0].label).toBe(together.predictions[i].label);
    }
  });

  it.each([
    ['nothing', {}, /^text: .*; or texts: /],
    ['no texts', { texts: [] }, /^texts: Too small/],
    ['a text that is a number', { text: 5 }, /^text: .*expected string, received number$/],
    ['both forms', { text: 'a', texts: ['b'] }, /"texts"; or .*"text"/],
    ['a version that is none', { text: 'a', version: '../2' }, /^version: must be the number/],
    ['a text of 10,001 characters', { text: '가'.repeat(10_001) }, /^text: Too big/],
  ])('refuses %s, and says what is wrong', async (_, body, message) => {
    const { status, json } = await call(`${page.url}/predict`, { body });
    expect(status).toBe(400);
    expect(json.error.code).toBe('invalid');
    expect(json.error.message).toMatch(message);
  });

  it('refuses what is not JSON, what is too large, and what is not there', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await fetch(`${page.url}/predict`, { method: 'POST', headers, body: '{"te' });
    expect(broken.status).toBe(400);
    const form = await fetch(`${page.url}/predict`, { method: 'POST', body: '{"text": "a"}' });
    expect(form.status).toBe(415);
    expect(await form.text()).toContain('Send JSON, with the header content-type');
    const texts = Array.from({ length: 500 }, () => '가'.repeat(9_000));
    const large = await call(`${page.url}/predict`, { body: { texts } });
    expect([large.status, large.json.error.code]).toEqual([413, 'too_large']);
    const absent = await call(`${page.url}/predict`, { body: { text: 'a', version: '99' } });
    expect([absent.status, absent.json.error.message]).toEqual([404, 'There is no version 99.']);
    const lost = await call(`${page.url}/nowhere`);
    expect([lost.status, lost.json.error.code]).toEqual([404, 'not_found']);
  });
});

describe('POST /api/explain', () => {
  it('gives each word its share of the probability', async () => {
    const text = '배우 연기 정말 재밌다';
    const { json } = await call(`${page.url}/api/explain`, { body: { text, label: '긍정' } });
    expect(json.parts.map((part: { text: string }) => part.text)).toEqual(text.split(' '));
    const { json: predicted } = await call(`${page.url}/predict`, { body: { texts: [text, ''] } });
    const [full, empty] = predicted.predictions.map(
      (one: { probabilities: Record<string, number> }) => one.probabilities.긍정!,
    );
    expect(json.full).toBeCloseTo(full, 5);
    expect(json.empty).toBeCloseTo(empty, 5);
    const sum = json.parts.reduce((a: number, { value }: { value: number }) => a + value, 0);
    expect(sum).toBeCloseTo(full - empty, 5);
  });

  it('explains the most probable label where none is named, and refuses one that is not there', async () => {
    const { json } = await call(`${page.url}/api/explain`, { body: { text: '재밌다' } });
    expect(json.full).toBeGreaterThan(0.5);
    const { status } = await call(`${page.url}/api/explain`, { body: { text: 'a', label: 'x' } });
    expect(status).toBe(400);
  });
});

describe('GET /openapi.json', () => {
  it('describes the routes from the schemas that check them', async () => {
    const { json } = await call(`${page.url}/openapi.json`);
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        '/predict',
        '/models',
        '/health',
        '/api/explain',
        '/api/models/{version}/stage',
        '/api/files/{id}/results',
        '/api/runs',
      ]),
    );
    const request = json.components.schemas.PredictRequest;
    expect(request.anyOf[1].properties.texts.maxItems).toBe(1000);
    for (const path of Object.values(json.paths) as Record<string, { responses: object }>[]) {
      for (const { responses } of Object.values(path)) {
        expect(Object.keys(responses).length).toBeGreaterThan(0);
      }
    }
    // Each reference has its schema.
    for (const [, name] of JSON.stringify(json).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(json.components.schemas).toHaveProperty(name!);
    }
  });
});
