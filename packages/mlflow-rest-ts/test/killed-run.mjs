// A program that is killed in the middle of a run: node killed-run.mjs <server> <experiment>
import { setTimeout as delay } from 'node:timers/promises';
import { MlflowClient } from '../dist/node/index.js';

const [trackingUri, experimentId] = process.argv.slice(2);
const client = new MlflowClient({ trackingUri });
await client.withRun({ experimentId }, async ({ runId, metrics, signal }) => {
  metrics.log({ loss: 0.5 });
  console.log(runId);
  await delay(60_000, undefined, { signal });
});
