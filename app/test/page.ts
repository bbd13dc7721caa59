import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PageOptions, type RunningServer, startServer } from 'ml4-app';
import { MlflowClient } from 'mlflow-rest-ts';
import { downloadModel, findVersion } from 'model-registry';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { readTexts } from '../../tasks/cli/texts.js';
import { evalStage } from '../../tasks/eval/eval.js';
import { registerStage } from '../../tasks/register/register.js';
import { trainedPipeline } from '../../tasks/test/trained-pipeline.js';

/** A page of a registered model of its own, and what a test wants to know of it. */
export interface TestPage {
  url: string;
  mlflow: MlflowClient;
  modelName: string;
  /** The local folder of a version's model. */
  folderOf(version: string): Promise<string>;
  /** How often the page said that stages changed. */
  changes(): number;
  close(): Promise<void>;
}

/** Registers a small random model that was judged on the same 200 texts as the ones before. */
export async function registerVersion(
  modelName: string,
  experiment: string,
  seed: number,
  stage: 'None' | 'Staging' | 'Production',
): Promise<void> {
  const server = await sharedServer();
  const pipeline = `${experiment}-${seed}`;
  const { artifacts } = server;
  const { config, context } = await trainedPipeline(server, artifacts, pipeline, seed, modelName);
  config.model.register_threshold = 0;
  config.register.stage = stage;
  await evalStage(config, context);
  await registerStage(config, context);
}

/** Starts the page on a real MLflow server, at a free port. */
export async function startPage(
  modelName: string,
  changed: Partial<PageOptions> = {},
): Promise<TestPage> {
  const { uri } = await sharedServer();
  const mlflow = new MlflowClient({ trackingUri: uri, maxRetries: 1 });
  const cache = await mkdtemp(join(tmpdir(), 'ml4-page-test-'));
  let changes = 0;
  const source: PageOptions['source'] = {
    find: (version) => findVersion(mlflow, modelName, { version }),
    folder: (version) => downloadModel(mlflow, version, cache),
  };
  const page: RunningServer = await startServer(
    {
      mlflow,
      registeredModel: async () => modelName,
      experiment: uniqueName('experiment'),
      user: 'the tester',
      toPromote: 'better',
      credentials: {},
      local: true,
      precision: 'fp32',
      threads: 1,
      source,
      readTexts,
      readTestSplit: async () => {
        throw new Error('this test has no test split');
      },
      onChange: async () => {
        changes++;
      },
      mlflowPage: (path) => `${uri}/#/${path}`,
      log: () => {},
      ...changed,
    },
    { port: 0 },
  );
  return {
    url: page.url,
    mlflow,
    modelName,
    async folderOf(version) {
      const found = await source.find(version);
      return source.folder(found!);
    },
    changes: () => changes,
    async close() {
      await page.close();
      await rm(cache, { recursive: true, force: true });
    },
  };
}

/** Waits for what a condition answers, asking again until it answers something. */
export async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Sends JSON, receives JSON. */
export async function call(
  url: string,
  { body, ...init }: Omit<RequestInit, 'body'> & { body?: unknown } = {},
) {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    ...init,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...init.headers },
    }),
  });
  const text = await response.text();
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}
