import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { evalStage } from '../eval/eval.js';
import { registerStage } from '../register/register.js';
import { bin } from './cli-support.js';
import { reviews, trainedPipeline } from './trained-pipeline.js';

let folder: string;
let config: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ml4-million-'));
  const server = await sharedServer();
  const pipeline = await trainedPipeline(server, server.artifacts, uniqueName('million'));
  pipeline.config.model.register_threshold = 0;
  await evalStage(pipeline.config, pipeline.context);
  await registerStage(pipeline.config, pipeline.context);
  config = join(folder, 'config.yaml');
  await writeFile(config, JSON.stringify(pipeline.config));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of so many short texts; their ids are their numbers. */
async function texts(count: number): Promise<string> {
  const file = join(folder, `texts-${count}.jsonl`);
  const some = reviews(1000).map(({ text }) => JSON.stringify(text.slice(0, 40)));
  const stream = createWriteStream(file);
  for (let start = 0; start < count; start += some.length) {
    const lines = some.map((text, i) => `{"id":${start + i},"text":${text}}\n`).join('');
    if (!stream.write(lines)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return file;
}

/** Labels a file. Answers the most memory that the process had at once, in MB, and its time in seconds. */
async function label(file: string, output: string): Promise<{ peak: number; seconds: number }> {
  const args = [bin, 'predict', '--config', config, '--file', file, '--output', output];
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {} // it has just ended
  }, 200);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  expect(code).toBe(0);
  return { peak, seconds: (performance.now() - started) / 1000 };
}

describe('ml4 predict of a million texts', () => {
  it('labels each of them, in order, in the memory that a tenth of them takes', async () => {
    const tenth = await label(await texts(100_000), join(folder, 'tenth.jsonl'));
    const output = join(folder, 'all.jsonl');
    const all = await label(await texts(1_000_000), output);
    console.log(
      `100,000 texts: ${tenth.peak.toFixed(0)} MB, ${tenth.seconds.toFixed(0)} s; 1,000,000: ${all.peak.toFixed(0)} MB, ${all.seconds.toFixed(0)} s`,
    );
    let row = 0;
    let misplaced = 0;
    for await (const line of createInterface({ input: createReadStream(output) })) {
      if (!line.startsWith(`{"id":"${row}",`)) misplaced++;
      row++;
    }
    expect(row).toBe(1_000_000);
    expect(misplaced).toBe(0);
    expect(all.peak).toBeLessThan(1.25 * tenth.peak);
  });
});
