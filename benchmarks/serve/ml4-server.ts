/** ml4's server on a folder: usage: ml4-server.js MODEL PORT */

import { startServer } from 'ml4-app';
import { MlflowClient } from 'mlflow-rest-ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const version = {
  name: 'benchmark',
  version: '1',
  stage: 'Production' as const,
  aliases: [],
  accuracy: null,
  accuracyInterval: null,
  modelId: null,
  runId: null,
  createdAt: new Date(),
};
const absent = async () => {
  throw new Error('not a part of the benchmark');
};
await startServer(
  {
    mlflow: new MlflowClient({ trackingUri: 'http://127.0.0.1:9' }),
    registeredModel: async () => 'benchmark',
    experiment: 'benchmark',
    user: 'benchmark',
    toPromote: 'any',
    credentials: {},
    local: true,
    precision: 'auto',
    threads: null,
    source: { find: async () => version, folder: async () => folder },
    async *readTexts() {},
    readTestSplit: absent,
    onChange: absent,
    mlflowPage: (path) => path,
    log: () => {},
  },
  { port: Number(port) },
);
