import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UnfinishedPipeline } from '../pipeline/unfinished.js';
import { temporaryFolder } from './pipeline-support.js';

describe('the pipeline that the same command goes on with', () => {
  it('is none at first, then the claimed one until it is forgotten', async () => {
    const unfinished = new UnfinishedPipeline(await temporaryFolder(), 'hash');
    expect(await unfinished.find()).toBeUndefined();
    await unfinished.claim('p1');
    expect(await unfinished.find()).toBe('p1');
    await unfinished.forget();
    expect(await unfinished.find()).toBeUndefined();
  });

  it('is another one for another configuration', async () => {
    const root = await temporaryFolder();
    await new UnfinishedPipeline(root, 'a').claim('p1');
    expect(await new UnfinishedPipeline(root, 'b').find()).toBeUndefined();
  });

  it('is found after its process was killed, but not while it runs', async () => {
    const root = await temporaryFolder();
    const unfinished = new UnfinishedPipeline(root, 'hash');
    await unfinished.claim('p1');
    const [file] = await readdir(join(root, 'work', 'pipelines'));
    const leave = (pid: number, host = hostname()) =>
      writeFile(
        join(root, 'work', 'pipelines', file!),
        JSON.stringify({ pipeline_id: 'p1', host, pid }),
      );
    await leave(2 ** 30); // beyond the highest process id
    expect(await unfinished.find()).toBe('p1');
    await leave(process.ppid);
    await expect(unfinished.find()).rejects.toThrow(
      `Pipeline p1 is running already, as process ${process.ppid}.`,
    );
    await leave(process.ppid, 'another-machine');
    expect(await unfinished.find()).toBe('p1');
  });

  it('is none where the file is broken', async () => {
    const root = await temporaryFolder();
    const unfinished = new UnfinishedPipeline(root, 'hash');
    await unfinished.claim('p1');
    await writeFile(join(root, 'work', 'pipelines', 'hash.json'), '{"pipeline_id": 3}');
    expect(await unfinished.find()).toBeUndefined();
  });
});
