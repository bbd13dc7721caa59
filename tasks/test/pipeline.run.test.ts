import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../pipeline/config.js';
import { InputError, MlflowUnreachable } from '../pipeline/errors.js';
import { readManifest } from '../pipeline/manifest.js';
import { openRun, pageUrl } from '../pipeline/run.js';
import { temporaryFolder, testPipeline } from './pipeline-support.js';

describe('the MLflow run of a pipeline', () => {
  it('is made once and found again', async () => {
    const { config, context } = await testPipeline();
    const again = await openRun(config, context.pipelineId);
    expect(again.run).toEqual(context.run);
    const { runs } = await context.mlflow.runs.search({
      experimentIds: [context.run.experimentId],
    });
    expect(runs).toHaveLength(1);
  });

  it('holds the configuration as params and where it comes from as tags', async () => {
    const { context } = await testPipeline({ set: ['train.epochs=3'] });
    const { data, info } = await context.mlflow.runs.get({ runId: context.run.runId });
    expect(info).toMatchObject({ status: 'RUNNING', runName: context.pipelineId });
    expect(data.params).toMatchObject({ 'train.epochs': '3', 'dataset.name': 'nsmc' });
    expect(data.tags).toMatchObject({
      'ml4.pipeline_id': context.pipelineId,
      'mlflow.source.name': 'ml4',
      'mlflow.source.git.commit': expect.stringMatching(/^[0-9a-f]{40}$/),
      'ml4.tfjs_version': '4.22.0',
    });
  });

  it('refuses another configuration under the same id, naming what differs', async () => {
    const { config, context } = await testPipeline();
    const other = { ...config, train: { ...config.train, epochs: 9 } };
    await expect(openRun(other, context.pipelineId)).rejects.toThrow(
      `Pipeline ${context.pipelineId} was started with train.epochs=2; now it is 9.`,
    );
  });

  it('allows another gate and another stage', async () => {
    const { config, context } = await testPipeline();
    const model = { ...config.model, register_threshold: 0.5 };
    const other = { ...config, model, register: { ...config.register, stage: 'Staging' as const } };
    expect((await openRun(other, context.pipelineId)).run).toEqual(context.run);
  });

  it('says where MLflow was looked for and what to do, where there is none', async () => {
    const file = join(await temporaryFolder(), 'config.yaml');
    await writeFile(file, 'tracking:\n  uri: http://127.0.0.1:9/\n');
    const error = await openRun(await loadConfig({ file }), 'p').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MlflowUnreachable);
    expect(error.message).toMatch(
      /^MLflow at http:\/\/127\.0\.0\.1:9 cannot be reached: .*\n.*npm start/,
    );
  });
});

describe('the volume', () => {
  it('reaches artifacts directly where the folder of the server is mounted', async () => {
    const { context } = await testPipeline();
    await context.volume.writeArtifact('a/b.txt', '안녕');
    const path = context.volume.localPath(`${context.run.artifactUri}/a/b.txt`);
    await expect(access(path!)).resolves.toBeUndefined();
    expect(Buffer.from(await context.volume.readArtifact('a/b.txt')).toString()).toBe('안녕');
  });

  it('goes through the server where it is not', async () => {
    const { context } = await testPipeline({ mounted: false });
    await context.volume.writeArtifact('a/b.txt', new TextEncoder().encode('안녕'));
    expect(context.volume.localPath(context.run.artifactUri)).toBeNull();
    expect(Buffer.from(await context.volume.readArtifact('a/b.txt')).toString()).toBe('안녕');
  });

  it.each([true, false])('names the stage to run first (mounted: %s)', async (mounted) => {
    const { context } = await testPipeline({ mounted });
    const error = await context.volume
      .readArtifact('fetch/manifest.json')
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      message: 'This pipeline has no fetch/manifest.json yet.',
      fix: expect.stringContaining('Run `ml4 fetch` first'),
    });
  });

  it('never follows an artifact URI out of its folder', async () => {
    const { context } = await testPipeline();
    expect(context.volume.localPath('mlflow-artifacts:/../secret')).toBeNull();
    expect(context.volume.localPath('s3://bucket/1/artifacts')).toBeNull();
  });

  it('says what is wrong with a manifest that is not what its stage writes', async () => {
    const { context } = await testPipeline();
    const read = () => readManifest(context.volume, 'train/manifest.json');
    await context.volume.writeArtifact('train/manifest.json', '{"version": 1');
    await expect(read()).rejects.toThrow('is not what `ml4 train` writes: not JSON.');
    await context.volume.writeArtifact('train/manifest.json', '{"version": 1}');
    await expect(read()).rejects.toThrow(/must have required property 'model_id'/);
  });
});

describe('links', () => {
  it('lead to the machine learning pages of the address that browsers know, without a password', async () => {
    const file = join(await temporaryFolder(), 'config.yaml');
    await writeFile(file, 'tracking:\n  uri: http://me:secret@mlflow:5000/\n');
    const config = await loadConfig({ file });
    expect(pageUrl(config, 'experiments/1/runs/2')).toBe(
      'http://mlflow:5000/#/experiments/1/runs/2?workflowType=machine_learning',
    );
    config.tracking.public_uri = 'https://ml.example.org/mlflow';
    expect(pageUrl(config, 'x')).toBe(
      'https://ml.example.org/mlflow/#/x?workflowType=machine_learning',
    );
  });
});
