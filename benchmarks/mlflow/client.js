// @ts-check
// One measurement of mlflow-rest-ts: client.js <task> <uri> <run ID> <file>; client.py is its twin.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';

const [task = '', trackingUri = '', runId = '', file = ''] = process.argv.slice(2);
const client = new MlflowClient({ trackingUri });
const { experimentId, artifactUri } = (await client.runs.get({ runId })).info;
const folder = await mkdtemp(join(tmpdir(), 'bench-mlflow-'));
const METRICS = 10_000;

/** @type {Record<string, () => Promise<number>>} each answers how much it moved */
const tasks = {
  async 'log-background'() {
    const metrics = client.metricLogger(runId);
    for (let step = 0; step < METRICS; step++) metrics.log({ loss: 1 / (step + 1) }, { step });
    await metrics.close();
    return METRICS;
  },
  async 'log-batches'() {
    const timestamp = Date.now();
    const metrics = Array.from({ length: METRICS }, (_, step) => ({
      ...{ key: 'loss', value: 1 / (step + 1), step, timestamp },
    }));
    await client.logMetrics(runId, metrics);
    return METRICS;
  },
  async search() {
    let found = 0;
    const search = { experimentIds: [experimentId], maxResults: 50 };
    for await (const run of client.runs.searchAll(search)) found += run.info.runId ? 1 : 0;
    return found;
  },
  async upload() {
    return (await client.uploadFile(`${artifactUri}/${basename(file)}`, file)).bytes;
  },
  download,
  'download-checked': download,
};

async function download() {
  const to = join(folder, 'down');
  await client.downloadFile(`${artifactUri}/${basename(file)}`, to);
  return (await stat(to)).size;
}

const before = process.memoryUsage.rss();
const start = performance.now();
const moved = await tasks[task]?.();
const seconds = (performance.now() - start) / 1000;
const peak = process.resourceUsage().maxRSS * 1024;
await rm(folder, { recursive: true });
console.log(JSON.stringify({ seconds, moved, peakBytes: peak, grownBytes: peak - before }));
