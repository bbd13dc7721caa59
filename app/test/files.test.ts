import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { call, registerVersion, startPage, type TestPage, until } from './page.js';

const model = uniqueName('page');
let page: TestPage;

beforeAll(async () => {
  await registerVersion(model, uniqueName('experiment'), 1, 'Production');
  page = await startPage(model, { uploadLimit: 2 ** 20 });
  await until(async () => (await call(`${page.url}/health`)).status === 200);
});
afterAll(() => page.close());

async function send(name: string, body: string | Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${page.url}/api/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    body,
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

const done = (id: string) =>
  until(async () => {
    const { json } = await call(`${page.url}/api/files/${id}`);
    return json.status !== 'running' && json;
  });

describe('a file of texts', () => {
  it('is labeled row by row, and downloaded as CSV and JSONL', async () => {
    const { status, json } = await send('리뷰.csv', 'text\n영화 재밌다\n"배우, 연기"\n=정말\n');
    expect([status, json.total, json.name]).toEqual([202, 3, '리뷰.csv']);
    expect(await done(json.id)).toMatchObject({ status: 'done', done: 3, error: null });

    const csv = await fetch(`${page.url}/api/files/${json.id}/results`);
    expect(csv.headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('리뷰')}.labeled.csv`,
    );
    const bytes = new Uint8Array(await csv.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]); // Excel reads it as UTF-8
    const lines = new TextDecoder().decode(bytes).split('\r\n');
    expect(lines[0]).toBe('text,label,score,부정,긍정');
    expect(lines[2]).toMatch(/^"배우, 연기",(부정|긍정),0\.\d{6},/);
    expect(lines[3]).toMatch(/^'=정말,/); // no formula in a spreadsheet

    const jsonl = await (
      await fetch(`${page.url}/api/files/${json.id}/results?format=jsonl`)
    ).text();
    const rows = jsonl
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { json: direct } = await call(`${page.url}/predict`, { body: { text: '영화 재밌다' } });
    expect(rows.map(({ text }) => text)).toEqual(['영화 재밌다', '배우, 연기', '=정말']);
    expect(rows[0].score).toBeCloseTo(direct.predictions[0].score, 4);
  });

  it('may be plain lines', async () => {
    const { json } = await send('lines.txt', '영화 재밌다\n\n지루하다\n');
    expect(json.total).toBe(2);
    expect((await done(json.id)).status).toBe('done');
  });

  it.each([
    ['an empty file', 'a.csv', '', /empty/],
    ['a file without texts', 'a.txt', '\n\n', /no text/],
    ['a table without a column of texts', 'a.csv', 'name,age\nKim,5\n', /^a\.csv.*"text"/],
    ['a broken line', 'a.jsonl', '{"text": "영화"}\n{"text": \n', /^a\.jsonl:2: Not JSON/],
    ['a parquet file that is cut off', 'a.parquet', 'PAR1abc', /parquet/],
  ])('says what is wrong with %s', async (_, name, content, message) => {
    const { status, json } = await send(name, content);
    expect([status, json.error.code]).toEqual([400, 'bad_input']);
    expect(json.error.message).toMatch(message);
    expect(json.error.message).not.toContain('/tmp');
  });

  it('is refused where it is not UTF-8', async () => {
    const { status, json } = await send('a.txt', new Uint8Array([0xbf, 0xb5, 0xc8, 0xad, 0x0a]));
    expect(status).toBe(400);
    expect(json.error.message).toMatch(/UTF-8/);
  });

  it('is refused where it is too large', async () => {
    const { status, json } = await send('a.txt', '영화 재밌다\n'.repeat(100_000));
    expect([status, json.error.code]).toEqual([413, 'too_large']);
  });

  it('can be stopped', async () => {
    const { json } = await send('a.txt', '영화 배우 연기 음악\n'.repeat(30_000));
    const gone = await fetch(`${page.url}/api/files/${json.id}`, { method: 'DELETE' });
    expect(gone.status).toBe(204);
    expect((await call(`${page.url}/api/files/${json.id}`)).status).toBe(404);
  });

  it('is not there under an id that was made up', async () => {
    const { status } = await call(`${page.url}/api/files/0c4a4e0e-1111-4222-8333-123456789abc`);
    expect(status).toBe(404);
    expect((await call(`${page.url}/api/files/..%2F..%2Fetc`)).status).toBe(400);
  });
});
