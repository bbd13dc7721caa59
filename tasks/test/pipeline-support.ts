import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, onTestFinished } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { type Config, loadConfig } from '../pipeline/config.js';
import type { Prompts, StageContext } from '../pipeline/context.js';
import { createLogger } from '../pipeline/logging.js';
import { type EvalMetrics, writeManifest } from '../pipeline/manifest.js';
import { openRun } from '../pipeline/run.js';

beforeAll(async () => {
  await sharedServer(); // may take longer to start than a test
});

export interface TestPipeline {
  config: Config;
  context: StageContext;
  /** What was logged, a line each. */
  lines: string[];
  /** A folder of this pipeline's own. */
  folder: string;
}

export interface TestPipelineOptions {
  set?: string[];
  prompts?: Prompts;
  /** Whether the volume is the folder of the server. @default true */
  mounted?: boolean;
  pipelineId?: string;
  signal?: AbortSignal;
}

/** A pipeline on a real MLflow server, with an experiment and a model name of its own. */
export async function testPipeline(options: TestPipelineOptions = {}): Promise<TestPipeline> {
  const { set = [], prompts, mounted = true, signal = new AbortController().signal } = options;
  const server = await sharedServer();
  const folder = await temporaryFolder();
  const file = join(folder, 'config.yaml');
  await writeFile(file, '');
  const config = await loadConfig({
    file,
    overrides: [
      `tracking.uri=${server.uri}`,
      `tracking.volume=${mounted ? server.artifacts : join(folder, 'volume')}`,
      `tracking.experiment=${uniqueName('experiment')}`,
      `model.registered_name=${uniqueName('model')}`,
      `register.mirror=${join(folder, 'model_registry.json')}`,
      ...set,
    ],
  });
  const lines: string[] = [];
  const logger = createLogger({ style: 'text', write: (line) => lines.push(line.trim()) });
  const opened = await openRun(config, options.pipelineId ?? uniqueName('pipeline'));
  const progress = () => ({ update() {}, stop() {} });
  const context = { ...opened, logger, progress, signal, ...(prompts && { prompts }) };
  return { config, context, lines, folder };
}

/** A folder that goes when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ml4-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const DIGEST = '0'.repeat(64);

const ROWS = 900;

/**
 * Leaves what fetch, train and eval leave, with this accuracy: the first texts are right, the others
 * wrong. Returns the logged model's id.
 */
export async function judgedModel(
  context: StageContext,
  accuracy: number,
  test: Partial<Pick<EvalMetrics, 'test_sha256' | 'latency'>> = {},
): Promise<string> {
  const { mlflow, run, volume } = context;
  const { modelId, artifactUri } = await mlflow.ensureLoggedModel({
    experimentId: run.experimentId,
    name: 'classifier',
    sourceRunId: run.runId,
    key: `${run.runId}-model`,
  });
  await mlflow.writeArtifact(`${artifactUri}/model/config.json`, '{}');
  await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
  const split = { path: 'cache/split.jsonl', sha256: DIGEST, rows: ROWS };
  await writeManifest(volume, 'fetch/manifest.json', {
    version: 1,
    dataset: {
      name: 'reviews',
      revision: 'r1',
      labels: ['negative', 'positive'],
      splits: { train: split, dev: split, test: split },
      sha256: DIGEST,
    },
    pretrained: { name: 'bert', revision: 'r2', path: 'cache/bert', sha256: DIGEST, weights: null },
  });
  await writeManifest(volume, 'train/manifest.json', {
    version: 1,
    model_id: modelId,
    files: { 'model/config.json': DIGEST },
    best: { epoch: 1, step: 10, dev_accuracy: accuracy, dev_loss: 0.3 },
    history: [],
    seconds: 12,
    tokenizer_sha256: DIGEST,
  });
  await writeManifest(volume, 'eval/metrics.json', {
    version: 1,
    model_id: modelId,
    rows: ROWS,
    metrics: { accuracy, accuracy_low: accuracy - 0.02, accuracy_high: accuracy + 0.02, f1: 0.9 },
    slices: [],
    reviews_per_second: 1000,
    test_sha256: DIGEST,
    labels: ['negative', 'positive'],
    latency: { median_ms: 5, p95_ms: 6 },
    ...test,
  });
  const predictions = Array.from({ length: ROWS }, (_, row) => ({
    id: `r${row}`,
    label: row % 2,
    probabilities: row < accuracy * ROWS === (row % 2 === 0) ? [0.9, 0.1] : [0.1, 0.9],
  }));
  const lines = predictions.map((one) => `${JSON.stringify(one)}\n`).join('');
  await volume.writeArtifact('eval/predictions.jsonl', lines);
  return modelId;
}
