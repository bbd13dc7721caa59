import { describe, expect, it } from 'vitest';
import { uniqueName } from '../../mlflow-rest-ts/test/server.js';
import { compareModels, type Judgment, promote, RegistryError, showVersion } from '../src/index.js';
import { judgment } from './judgments.js';
import { mlflow, registeredModel } from './registered-model.js';

const HUNDRED = (part: string) => part.repeat(10);

/** A model that was judged in a run of its own: the run's id and the model's. */
async function judgedModel(right: string, test?: string) {
  const { experimentId } = await mlflow.ensureExperiment(uniqueName('experiment'));
  const { info } = await mlflow.runs.create({ experimentId, startTime: Date.now() });
  const { modelId } = await mlflow.loggedModels.create({ experimentId, name: 'm' });
  await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
  const judged = judgment({ modelId, right, ...(test && { test }) });
  await leave(info.artifactUri, 'eval', judged);
  return { modelId, runId: info.runId, artifactUri: info.artifactUri };
}

async function leave(artifactUri: string, folder: string, { evaluation, predictions }: Judgment) {
  const lines = predictions.map((row) => `${JSON.stringify(row)}\n`).join('');
  await mlflow.writeArtifact(`${artifactUri}/${folder}/metrics.json`, JSON.stringify(evaluation));
  await mlflow.writeArtifact(`${artifactUri}/${folder}/predictions.jsonl`, lines);
}

/** A registered model with a version of each. */
async function versionsOf(models: { modelId: string; runId: string }[]): Promise<string> {
  const name = uniqueName('model');
  await mlflow.registeredModels.create({ name });
  for (const { modelId, runId } of models) {
    await mlflow.modelVersions.create({ name, source: `models:/${modelId}`, modelId, runId });
  }
  return name;
}

const production = (name: string, version: string) =>
  promote(mlflow, { name, version, stage: 'Production', by: 'tester' });

describe('compareModels', () => {
  it('compares with the version in Production by the stored predictions', async () => {
    const name = await versionsOf([
      await judgedModel(HUNDRED('1111111000')),
      await judgedModel(HUNDRED('1111111110')),
    ]);
    await production(name, '1');
    expect(await compareModels(mlflow, { name, version: '2' })).toMatchObject({
      verdict: 'better',
      challenger: { version: '2' },
      champion: { version: '1' },
      figures: { accuracy: { difference: 0.2 }, latency: null },
    });
  });

  it('compares any two, either way', async () => {
    const name = await versionsOf([
      await judgedModel(HUNDRED('1111111000')),
      await judgedModel(HUNDRED('1111111110')),
    ]);
    const { verdict } = await compareModels(mlflow, { name, version: '1', against: '2' });
    expect(verdict).toBe('worse');
  });

  it('takes the champion as it was judged beside the challenger, on the challenger’s test set', async () => {
    const [old, recent] = [
      await judgedModel(HUNDRED('1111111111'), 'of last year'),
      await judgedModel(HUNDRED('1111111110'), 'of this year'),
    ];
    const beside = judgment({
      modelId: old.modelId,
      right: HUNDRED('1111111000'),
      test: 'of this year',
    });
    await leave(recent.artifactUri, 'eval/champion', beside);
    const name = await versionsOf([old, recent]);
    expect((await compareModels(mlflow, { name, version: '2', against: '1' })).verdict).toBe(
      'better',
    );
    expect((await compareModels(mlflow, { name, version: '1', against: '2' })).verdict).toBe(
      'worse',
    );
  });

  it('says what is missing where it cannot compare', async () => {
    const unjudged = await judgedModel('1');
    await mlflow.deleteArtifact(`${unjudged.artifactUri}/eval/predictions.jsonl`);
    const broken = await judgedModel('1');
    await mlflow.writeArtifact(`${broken.artifactUri}/eval/predictions.jsonl`, '{"id": 1}\n');
    const name = await versionsOf([
      await judgedModel(HUNDRED('1111111111'), 'of last year'),
      await judgedModel(HUNDRED('1111111111'), 'of this year'),
      unjudged,
      broken,
    ]);
    const reasonsAgainst = async (against: string) =>
      (await compareModels(mlflow, { name, version: '2', against })).reasons.join();
    expect(await reasonsAgainst('1')).toBe('They were judged on different test sets.');
    expect(await reasonsAgainst('3')).toBe('The predictions of version 3 are gone.');
    expect(await reasonsAgainst('4')).toContain(
      'predictions.jsonl:1 is not what `ml4 eval` writes',
    );
  });

  it('has no verdict where nothing is in Production', async () => {
    const name = await versionsOf([await judgedModel('1111')]);
    const { verdict, champion } = await compareModels(mlflow, { name, version: '1' });
    expect([verdict, champion]).toEqual([null, null]);
    await production(name, '1');
    expect(await compareModels(mlflow, { name, version: '1' })).toMatchObject({
      verdict: null,
      reasons: ['Version 1 is the one in Production.'],
    });
    await expect(compareModels(mlflow, { name, version: '9' })).rejects.toThrow(RegistryError);
  });
});

describe('showVersion', () => {
  it('has what the pipeline’s stages left of a version', async () => {
    const model = await judgedModel(HUNDRED('1111111110'));
    const split = (rows: number) => ({ path: 'x', sha256: '0', rows });
    await mlflow.writeArtifact(
      `${model.artifactUri}/fetch/manifest.json`,
      JSON.stringify({
        version: 1,
        dataset: {
          name: 'reviews',
          revision: 'r1',
          sha256: 'd1',
          labels: ['negative', 'positive'],
          splits: { train: split(900), dev: split(50), test: split(100) },
        },
        pretrained: { name: 'bert', revision: 'r2', path: 'x', sha256: 'd2', weights: null },
      }),
    );
    const name = await versionsOf([model]);
    await production(name, '1');
    expect(await showVersion(mlflow, { name, version: '1' })).toMatchObject({
      version: '1',
      stage: 'Production',
      evaluation: { rows: 100, metrics: { accuracy: 0.9 } },
      data: { name: 'reviews', rows: { train: 900, dev: 50, test: 100 } },
      pretrained: { name: 'bert', revision: 'r2' },
      training: null,
      comparison: null,
      run: { runId: model.runId, status: 'RUNNING' },
      history: [{ from: 'None', to: 'Production', by: 'tester' }],
    });
  });

  it('shows a version that no pipeline made, too', async () => {
    const name = await registeredModel(1);
    expect(await showVersion(mlflow, { name, version: '1' })).toMatchObject({
      evaluation: null,
      training: null,
      run: null,
      history: [],
    });
  });
});
