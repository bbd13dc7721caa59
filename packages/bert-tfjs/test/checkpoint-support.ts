import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { StateDict } from '../src/checkpoint/state-dict.js';

/** A committed fixture; `fixtures/make-checkpoints.py` makes them. */
export const fixture = (name: string) =>
  new URL(`fixtures/checkpoints/${name}`, import.meta.url).pathname;

/** A folder of the test file's own that is removed after its last test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bert-tfjs-'));
  afterAll(() => rm(folder, { recursive: true }));
  return folder;
}

/** What PyTorch reads from the fixtures. */
export async function expectedWeights(): Promise<StateDict> {
  const json: Record<string, { shape: number[]; data: (number | string)[] }> = JSON.parse(
    await readFile(fixture('expected.json'), 'utf8'),
  );
  return new Map(
    Object.entries(json).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data, Number) },
    ]),
  );
}
