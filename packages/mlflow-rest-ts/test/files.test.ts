import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNotFound, joinUri, MlflowClient } from '../src/node/index.js';
import { olderThan } from './python.js';
import { type Server, sharedServer, uniqueName } from './server.js';

const isOld = await olderThan('3.0');
let server: Server;
let folder: string;

beforeAll(async () => {
  server = await sharedServer();
  folder = await mkdtemp(join(tmpdir(), 'files-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(['through the server', 'in the mounted folder'])('files %s', (way) => {
  let client: MlflowClient;
  let root: string;

  beforeAll(async () => {
    const mountedAt = way === 'in the mounted folder' ? server.artifacts : undefined;
    client = new MlflowClient({ trackingUri: server.uri, mountedAt });
    const experiment = await client.ensureExperiment(uniqueName('files'));
    const run = await client.runs.create({ experimentId: experiment.experimentId });
    root = run.info.artifactUri;
  });

  it('are written, listed and read', async () => {
    const uri = joinUri(root, '한 글/a+b &=.txt');
    await client.writeArtifact(uri, '안녕');
    await client.writeArtifact(uri, '안녕하세요');
    expect(new TextDecoder().decode(await client.readArtifact(uri))).toBe('안녕하세요');
    expect(await client.listArtifacts(joinUri(root, '한 글'))).toEqual([
      { path: 'a+b &=.txt', isDir: false, fileSize: 15 },
    ]);
  });

  // MLflow 2.0 deletes folders alone.
  it.skipIf(isOld)('are deleted', async () => {
    const uri = joinUri(root, '지울 것/a.txt');
    await client.writeArtifact(uri, '안녕');
    await client.deleteArtifact(uri);
    const failure = await client.readArtifact(uri).catch((error) => error);
    expect(isNotFound(failure)).toBe(true);
  });

  it('go up and down as whole folders, with sums and progress', async () => {
    const local = join(folder, uniqueName('up'));
    const contents = new Map([
      ['a.txt', Buffer.from('a')],
      ['b/c/large.bin', randomBytes(3_000_000)],
      ['b/empty', Buffer.alloc(0)],
    ]);
    for (const [path, data] of contents) {
      await mkdir(join(local, path, '..'), { recursive: true });
      await writeFile(join(local, path), data);
    }
    const expected = [...contents].map(([path, data]) => ({
      path,
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
    }));
    const progress: number[] = [];
    const up = await client.uploadDir(joinUri(root, 'model'), local, {
      onProgress: ({ bytes }) => progress.push(bytes),
    });
    const back = join(folder, uniqueName('down'));
    const down = await client.downloadDir(joinUri(root, 'model'), back);

    expect(up).toEqual(expected);
    expect(down).toEqual(expected);
    expect(progress.at(-1)).toBe(3_000_001);
    for (const [path, data] of contents) {
      expect((await readFile(join(back, path))).equals(data)).toBe(true);
    }
  });

  it('leave nothing behind when they are not there', async () => {
    const local = join(folder, uniqueName('none'));
    await expect(client.downloadFile(joinUri(root, 'none'), local)).rejects.toSatisfy(isNotFound);
    await expect(readFile(local)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
