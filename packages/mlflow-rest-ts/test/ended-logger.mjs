// A program that logs and ends: node ended-logger.mjs <server> <run>
import { MlflowClient } from '../dist/node/index.js';

const [trackingUri, runId] = process.argv.slice(2);
const logger = new MlflowClient({ trackingUri }).metricLogger(runId);
for (let step = 0; step < 1500; step++) logger.log({ loss: step }, { step });
