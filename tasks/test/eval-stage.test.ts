import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Server,
  sharedServer,
  uniqueName,
} from '../../packages/mlflow-rest-ts/test/server.js';
import { evalStage } from '../eval/eval.js';
import { readManifest, writeManifest } from '../pipeline/manifest.js';
import { registerStage } from '../register/register.js';
import { trainedPipeline } from './trained-pipeline.js';

const FIGURES = ['accuracy', 'precision', 'recall', 'f1', 'roc_auc', 'ece'];

let server: Server;
beforeAll(async () => {
  server = await sharedServer();
});

const json = async (bytes: Promise<Uint8Array>) => JSON.parse(Buffer.from(await bytes).toString());

describe('evalStage', () => {
  let pipeline: Awaited<ReturnType<typeof trainedPipeline>>;
  let result: Awaited<ReturnType<typeof evalStage>>;

  beforeAll(async () => {
    pipeline = await trainedPipeline(server, server.artifacts, uniqueName('eval'));
    result = await evalStage(pipeline.config, pipeline.context);
  });

  it('returns the figures of the model, each with its interval', () => {
    expect(result).toMatchObject({ model_id: pipeline.modelId, rows: 200 });
    expect(result.reviews_per_second).toBeGreaterThan(0);
    for (const name of FIGURES) {
      expect(result[name]).toBeGreaterThanOrEqual(result[`${name}_low`] as number);
      expect(result[name]).toBeLessThanOrEqual(result[`${name}_high`] as number);
    }
  });

  it('leaves one prediction a row, in order, whose hits are the accuracy', async () => {
    const { volume } = pipeline.context;
    const text = Buffer.from(await volume.readArtifact('eval/predictions.jsonl')).toString();
    const predictions = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(predictions.map(({ id }) => id)).toEqual(pipeline.rows.map(({ id }) => id));
    const hits = predictions.filter(
      ({ label, probabilities }) => probabilities[label] > probabilities[1 - label],
    );
    expect(hits.length / 200).toBe(result.accuracy);
  });

  it('leaves plots that MLflow shows, and the figures for the next stage', async () => {
    const { mlflow, run, volume } = pipeline.context;
    const plots = await mlflow.artifacts.list({ runId: run.runId, path: 'plots' });
    expect(plots.files.map(({ path }) => path)).toEqual([
      'plots/confusion-matrix.svg',
      'plots/reliability.svg',
      'plots/roc.svg',
      'plots/slices.svg',
      'plots/training-curves.svg',
    ]);
    const { metrics, slices } = await readManifest(volume, 'eval/metrics.json');
    expect(metrics.accuracy).toBe(result.accuracy);
    expect(slices.map(({ name }) => name)).toContain('negation');
  });

  it('leaves the mistakes as a table that the run lists', async () => {
    const { mlflow, run, volume } = pipeline.context;
    const { columns, data } = await json(volume.readArtifact('eval/mistakes.json'));
    expect(columns).toEqual(['text', 'label', 'predicted', 'confidence', 'id']);
    expect(data.length).toBeGreaterThan(0);
    const { tags } = (await mlflow.runs.get({ runId: run.runId })).data;
    expect(JSON.parse(tags['mlflow.loggedArtifacts']!)).toEqual([
      { path: 'eval/mistakes.json', type: 'table' },
    ]);
  });

  it('logs figures that MLflow links to the model and to the test split', async () => {
    const { mlflow, run } = pipeline.context;
    const { data, inputs } = await mlflow.runs.get({ runId: run.runId });
    expect(data.metrics['test/accuracy']?.value).toBe(result.accuracy);
    expect(data.metrics['test_interval/f1_low']?.value).toBe(result.f1_low);
    expect(data.metrics['test_slice/negation']).toBeDefined();
    const { metrics } = await mlflow.loggedModels.get({ modelId: pipeline.modelId });
    const accuracy = metrics.find(({ key }) => key === 'test/accuracy');
    const test = inputs.datasets.find(({ tags }) => tags?.['mlflow.data.context'] === 'test');
    expect(test).toBeDefined();
    expect(accuracy).toMatchObject({
      value: result.accuracy,
      datasetName: test?.dataset.name,
      datasetDigest: test?.dataset.digest,
    });
  });

  it('may be repeated: the same figures, and no second point of them', async () => {
    const again = await evalStage(pipeline.config, pipeline.context);
    const { mlflow, run } = pipeline.context;
    expect({ ...again, reviews_per_second: 0 }).toEqual({ ...result, reviews_per_second: 0 });
    const { metrics } = await mlflow.metrics.getHistory({ runId: run.runId, key: 'test/accuracy' });
    expect(metrics).toHaveLength(1);
    const { inputs } = await mlflow.runs.get({ runId: run.runId });
    // Those of fetch, one a split: eval adds none.
    expect(inputs.datasets).toHaveLength(3);
  });
});

describe('evalStage beside a version in Production', () => {
  type Pipeline = Awaited<ReturnType<typeof trainedPipeline>>;

  /** A pipeline on a model name of which another pipeline's model is in Production. */
  async function challenger(): Promise<{ champion: Pipeline; pipeline: Pipeline }> {
    const name = uniqueName('champion');
    const champion = await trainedPipeline(server, server.artifacts, name);
    await evalStage(champion.config, champion.context);
    const set = { register_threshold: 0 };
    const config = {
      ...champion.config,
      model: { ...champion.config.model, ...set },
      register: { ...champion.config.register, stage: 'Production' as const },
    };
    await registerStage(config, champion.context);
    const pipeline = await trainedPipeline(server, server.artifacts, uniqueName('eval'), 1, name);
    return { champion, pipeline };
  }

  const textOf = async ({ context }: Pipeline, path: string) =>
    Buffer.from(await context.volume.readArtifact(path)).toString();

  it('takes its stored predictions and measures both side by side', async () => {
    const { champion, pipeline } = await challenger();
    await evalStage(pipeline.config, pipeline.context);
    const figures = await readManifest(pipeline.context.volume, 'eval/champion/metrics.json');
    expect(figures).toMatchObject({ model_id: champion.modelId, rows: 200 });
    expect(figures.latency!.median_ms).toBeGreaterThan(0);
    expect(await textOf(pipeline, 'eval/champion/predictions.jsonl')).toBe(
      await textOf(champion, 'eval/predictions.jsonl'),
    );
    const { verdict } = await registerStage(
      { ...pipeline.config, model: { ...pipeline.config.model, register_threshold: 0 } },
      pipeline.context,
    );
    expect(verdict).toBe('equal'); // the same weights
  });

  it('predicts the texts with it where it was judged on others', async () => {
    const { champion, pipeline } = await challenger();
    const { volume } = champion.context;
    const stored = await readManifest(volume, 'eval/metrics.json');
    const test_sha256 = '1'.repeat(64);
    await writeManifest(volume, 'eval/metrics.json', { ...stored, test_sha256 });
    await evalStage(pipeline.config, pipeline.context);
    const figures = await readManifest(pipeline.context.volume, 'eval/champion/metrics.json');
    expect(figures.metrics).toEqual(stored.metrics); // the same texts, in fact
    expect(figures.model_id).toBe(champion.modelId);
  });

  it('goes on without it where its files are gone, and says so', async () => {
    const { champion, pipeline } = await challenger();
    const folder = champion.context.volume.localPath(champion.artifactUri)!;
    await rm(join(folder, 'model/model.safetensors'));
    await evalStage(pipeline.config, pipeline.context);
    expect(pipeline.lines.join('')).toMatch(/ 1, which is in Production, cannot be judged: /);
    await expect(textOf(pipeline, 'eval/champion/metrics.json')).rejects.toThrow();
  });
});

describe('evalStage on its own', () => {
  it('downloads the model where the server’s folder is not mounted', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'ml4-elsewhere-'));
    const pipeline = await trainedPipeline(server, elsewhere, uniqueName('eval'));
    const { rows } = await evalStage(pipeline.config, pipeline.context);
    expect(rows).toBe(200);
    expect(await readdir(join(elsewhere, 'cache/models'))).toEqual([pipeline.modelId]);
  });

  it('refuses a model that changed since it was trained', async () => {
    const pipeline = await trainedPipeline(server, server.artifacts, uniqueName('eval'));
    const folder = pipeline.context.volume.localPath(pipeline.artifactUri)!;
    await appendFile(join(folder, 'model/model.safetensors'), 'x');
    await expect(evalStage(pipeline.config, pipeline.context)).rejects.toMatchObject({
      exitCode: 2,
      where: join(folder, 'model/model.safetensors'),
    });
  });

  it('stops when it is told to, and leaves no metrics', async () => {
    const pipeline = await trainedPipeline(server, server.artifacts, uniqueName('eval'));
    const stopping = AbortSignal.abort(new Error('SIGTERM'));
    const context = { ...pipeline.context, signal: stopping };
    await expect(evalStage(pipeline.config, context)).rejects.toThrow('SIGTERM');
    await expect(pipeline.context.volume.readArtifact('eval/metrics.json')).rejects.toThrow();
  });
});
