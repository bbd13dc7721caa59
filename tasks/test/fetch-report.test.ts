import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchStage } from '../fetch/fetch.js';
import { explainError } from '../pipeline/explain.js';
import { readManifest } from '../pipeline/manifest.js';
import { type TestPipeline, testPipeline } from './pipeline-support.js';

describe('the report of the data', () => {
  const scratch = ['model.name=scratch', 'model.scratch.vocab_size=200'];
  /** Texts of their own, the last of them without a label. */
  const table = async ({ folder, config }: TestPipeline, word: string, ones: number) => {
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i}번째 ${word}\t${i % 10 < ones ? 1 : 0}`,
    );
    config.dataset.path = join(folder, 'reviews.tsv');
    await writeFile(config.dataset.path, ['text\tlabel', ...rows, '모르겠다\t'].join('\n'));
  };
  const report = async ({ context }: TestPipeline) =>
    JSON.parse(
      Buffer.from(await context.volume.readArtifact('fetch/validation.json')).toString('utf8'),
    );
  const refusal = async (pipeline: TestPipeline) => {
    const error: unknown = await fetchStage(pipeline.config, pipeline.context).then(
      () => new Error('The stage succeeded.'),
      (reason) => reason,
    );
    await expect(readManifest(pipeline.context.volume, 'fetch/manifest.json')).rejects.toThrow();
    return explainError(error);
  };
  const allowed = ['validation.unlabeled.error='];

  it('is left where an error stops the run, which names the rows and the key', async () => {
    const pipeline = await testPipeline({ set: scratch });
    await table(pipeline, '감상평', 5);
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(2);
    expect(message).toContain('reviews.tsv:202');
    expect(message).toContain('validation.unlabeled.error');
    expect((await report(pipeline)).findings).toMatchObject([
      { check: 'unlabeled', severity: 'error', count: 1 },
    ]);
  });

  it('lets the run go on where the configuration allows it', async () => {
    const pipeline = await testPipeline({ set: [...scratch, ...allowed] });
    await table(pipeline, '감상평', 5);
    const result = await fetchStage(pipeline.config, pipeline.context);
    expect(result.warnings).toBe(1);
    expect((await report(pipeline)).source.train).toMatchObject({ rows: 201, unlabeled: 1 });
  });

  it('names the malformed rows; where the configuration allows them they are left out', async () => {
    const strict = await testPipeline({ set: [...scratch, ...allowed] });
    const lenient = await testPipeline({
      set: [...scratch, ...allowed, 'validation.malformed.error=0.01'],
    });
    for (const pipeline of [strict, lenient]) {
      await table(pipeline, '감상평', 5);
      await appendFile(pipeline.config.dataset.path!, '\n탭이\t많은\t글\n');
    }
    const { message, exitCode } = await refusal(strict);
    expect(exitCode).toBe(2);
    expect(message).toContain('reviews.tsv:203: 3 columns, but the first line names 2');
    expect(message).toContain('validation.malformed.error');

    await fetchStage(lenient.config, lenient.context);
    expect((await report(lenient)).source.train).toMatchObject({ rows: 202, malformed: 1 });
    expect(lenient.lines.join('\n')).toContain('Read 202 rows; left out 1 malformed,');
    const { mlflow, run } = lenient.context;
    const { metrics } = (await mlflow.runs.get({ runId: run.runId })).data;
    expect(metrics['data/train_malformed_rows']?.value).toBe(1);
  });

  it('stops where the model does not know the tokens, as the configuration says', async () => {
    const pipeline = await testPipeline({
      set: [...scratch, ...allowed, 'validation.truncated.error=0.5', 'dataset.max_length=8'],
    });
    await table(pipeline, '한참 기다려서 끝까지 보고 나온 아주 긴 감상평', 5);
    const { message, exitCode } = await refusal(pipeline);
    expect(exitCode).toBe(2);
    expect(message).toMatch(/more tokens than dataset\.max_length 8.*\(id /s);
  });

  it('has its figures in MLflow: artifacts, charts, metrics', async () => {
    const pipeline = await testPipeline({ set: [...scratch, ...allowed] });
    await table(pipeline, '감상평', 5);
    await fetchStage(pipeline.config, pipeline.context);
    const { mlflow, run, volume } = pipeline.context;
    const { metrics } = (await mlflow.runs.get({ runId: run.runId })).data;
    expect(metrics['data/train_source_rows']?.value).toBe(201);
    expect(metrics).toHaveProperty('data/unknown_tokens');
    for (const name of ['validation.md', 'labels.svg', 'lengths.svg']) {
      expect((await volume.readArtifact(`fetch/${name}`)).length).toBeGreaterThan(200);
    }
  });

  it('compares with the data of the version in Production', async () => {
    const champion = await testPipeline({ set: [...scratch, ...allowed] });
    await table(champion, '감상평이 좋다', 5);
    await fetchStage(champion.config, champion.context);
    const { mlflow, run } = champion.context;
    const name = champion.config.model.registered_name;
    await mlflow.registeredModels.create({ name });
    const { version } = await mlflow.modelVersions.create({
      name,
      source: `${run.artifactUri}/model`,
      runId: run.runId,
    });
    await mlflow.modelVersions.transitionStage({ name, version, stage: 'Production' });

    const registered = `model.registered_name=${name}`;
    const pipeline = await testPipeline({ set: [...scratch, ...allowed, registered] });
    await table(pipeline, '감상평이 좋다', 9);
    await fetchStage(pipeline.config, pipeline.context);
    const { drift, findings } = await report(pipeline);
    expect(drift.champion).toBe(`${name} 1`);
    expect(drift.characters).toBeLessThan(0.05);
    expect(drift.labels).toBeGreaterThan(0.25);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'drift', severity: 'warning' }),
    );
    expect(pipeline.lines.join('\n')).toContain(`Against the data of ${name} 1`);
  });
});
