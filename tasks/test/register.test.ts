import { readFile } from 'node:fs/promises';
import { findVersion, historyOf, listVersions, setStage } from 'model-registry';
import { describe, expect, it } from 'vitest';
import type { Prompts } from '../pipeline/context.js';
import { GateNotPassed, InputError } from '../pipeline/errors.js';
import { readManifest } from '../pipeline/manifest.js';
import { registerStage } from '../register/register.js';
import { judgedModel, type TestPipelineOptions, testPipeline } from './pipeline-support.js';

describe('a model that passes the gate', () => {
  it('becomes a version linked to its run, logged model and data set', async () => {
    const { config, context } = await testPipeline({ set: ['register.stage=Staging'] });
    const modelId = await judgedModel(context, 0.85);
    const result = await registerStage(config, context);

    expect(result).toMatchObject({ model_version: '1', stage: 'Staging', passed: true });
    const name = config.model.registered_name;
    const version = await context.mlflow.modelVersions.get({ name, version: '1' });
    expect(version).toMatchObject({
      source: `models:/${modelId}`,
      runId: context.run.runId,
      modelId,
      currentStage: 'Staging',
      tags: { 'ml4.accuracy': '0.85', 'ml4.dataset': 'reviews', 'ml4.pretrained': 'bert' },
    });
    expect(version.description).toContain('Accuracy **0.8500** (95 %: 0.8300 to 0.8700)');
    expect(version.description).toContain(`runs/${context.run.runId}`);
    const { tags } = (await context.mlflow.runs.get({ runId: context.run.runId })).data;
    expect(tags['ml4.gate']).toBe('passed');
  });

  it('makes no second version when the stage is repeated, and may change its stage', async () => {
    const { config, context } = await testPipeline({ set: ['register.stage=Staging'] });
    await judgedModel(context, 0.85);
    await registerStage(config, context);
    const production = {
      ...config,
      register: { ...config.register, stage: 'Production' as const },
    };
    await registerStage(production, context);

    const versions = await listVersions(context.mlflow, config.model.registered_name);
    expect(versions).toMatchObject([
      { version: '1', stage: 'Production', aliases: ['production'] },
    ]);
  });

  it('is shown in the mirror file', async () => {
    const { config, context } = await testPipeline({ set: ['register.stage=Production'] });
    await judgedModel(context, 0.85);
    await registerStage(config, context);
    const { models } = JSON.parse(await readFile(config.register.mirror, 'utf8'));
    expect(models).toContainEqual(
      expect.objectContaining({ name: config.model.registered_name, production: '1' }),
    );
  });

  it('is set beside the version that was in Production before, also when repeated', async () => {
    const first = await testPipeline();
    const name = first.config.model.registered_name;
    await judgedModel(first.context, 0.82);
    await registerStage(first.config, first.context);
    await setStage(first.context.mlflow, { name, version: '1', stage: 'Production', by: 'test' });

    const { config, context } = await testPipeline({
      set: [`model.registered_name=${name}`, 'register.stage=Production'],
    });
    await judgedModel(context, 0.9);
    for (let i = 0; i < 2; i++) {
      await registerStage(config, context);
      const { champion } = await readManifest(context.volume, 'register/result.json');
      expect(champion).toEqual({ version: '1', accuracy: 0.82 });
    }
    expect((await findVersion(context.mlflow, name))?.version).toBe('2');
  });
});

describe('a model that does not pass the gate', () => {
  it('is not registered, and the run says so', async () => {
    const { config, context } = await testPipeline();
    await judgedModel(context, 0.79);
    const error = await registerStage(config, context).catch((thrown) => thrown);

    expect(error).toBeInstanceOf(GateNotPassed);
    expect(error.message).toBe(
      'Accuracy 0.7900 is below the threshold 0.8000. Nothing is registered.',
    );
    expect(await listVersions(context.mlflow, config.model.registered_name)).toEqual([]);
    const { data } = await context.mlflow.runs.get({ runId: context.run.runId });
    expect(data.tags['ml4.gate']).toBe('not passed');
    expect(await readManifest(context.volume, 'register/result.json')).toMatchObject({
      passed: false,
      model_version: null,
    });
  });

  it('is not asked about', async () => {
    const { config, context } = await testPipeline({ prompts: answers() });
    await judgedModel(context, 0.1);
    await expect(registerStage(config, context)).rejects.toThrow(GateNotPassed);
  });
});

describe('against the version in Production', () => {
  /** Two pipelines on one model name: the first one's model is in Production. */
  async function challenger(accuracies: [number, number], options: TestPipelineOptions = {}) {
    const first = await testPipeline({ set: ['register.stage=Production'] });
    const name = first.config.model.registered_name;
    await judgedModel(first.context, accuracies[0]);
    await registerStage(first.config, first.context);
    const set = [`model.registered_name=${name}`, ...(options.set ?? [])];
    const second = await testPipeline({ ...options, set });
    await judgedModel(second.context, accuracies[1]);
    return { ...second, name };
  }

  it('a better model takes its place, and says why for whoever looks', async () => {
    const { config, context, name } = await challenger([0.82, 0.9], {
      set: ['register.stage=Production'],
    });
    const result = await registerStage(config, context);
    expect(result).toMatchObject({ stage: 'Production', verdict: 'better' });
    const { volume, mlflow } = context;
    const comparison = JSON.parse(
      Buffer.from(await volume.readArtifact('register/comparison.json')).toString(),
    );
    expect(comparison).toMatchObject({
      verdict: 'better',
      champion: { version: '1', accuracy: 0.82 },
      figures: { rows: 900, mcnemar: { onlyChallengerRight: 72, onlyChampionRight: 0 } },
    });
    const version = await mlflow.modelVersions.get({ name, version: '2' });
    expect(version.tags['ml4.verdict']).toBe('better');
    expect(version.description).toContain('Against version 1, then in Production: **better**.');
    const [change] = await historyOf(mlflow, name, '2');
    expect(change).toMatchObject({
      from: 'None',
      to: 'Production',
      by: `pipeline ${context.pipelineId}`,
      why: 'registered; better, against version 1',
    });
  });

  it('a worse model goes to Staging where the configuration says Production', async () => {
    const { config, context, lines } = await challenger([0.9, 0.82], {
      set: ['register.stage=Production'],
    });
    expect(await registerStage(config, context)).toMatchObject({
      model_version: '2',
      stage: 'Staging',
      verdict: 'worse',
    });
    expect(lines.join('\n')).toContain(
      'Not to Production but to Staging: it must not be worse than version 1 in Production, and is worse.',
    );
  });

  it('a worse model is not registered at all where that is required', async () => {
    const { config, context } = await challenger([0.9, 0.82], {
      set: ['register.gate.to_register=not worse'],
    });
    const error = await registerStage(config, context).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GateNotPassed);
    expect(error.message).toContain('it must not be worse than version 1 in Production');
    expect(await readManifest(context.volume, 'register/result.json')).toMatchObject({
      passed: false,
      verdict: 'worse',
    });
  });

  it('a model that was judged on another test set is not comparable', async () => {
    const { config, context } = await challenger([0.82, 0.9]);
    await judgedModel(context, 0.9, { test_sha256: '1'.repeat(64) });
    await registerStage(config, context);
    expect(await readManifest(context.volume, 'register/result.json')).toMatchObject({
      verdict: 'not comparable',
      comparison: ['They were judged on different test sets.'],
    });
  });

  it('a person may put a worse model into Production, with a second yes', async () => {
    const prompts = answers(true, 'Production', true);
    const { config, context } = await challenger([0.9, 0.82], { prompts });
    expect(await registerStage(config, context)).toMatchObject({ stage: 'Production' });
    expect(prompts.questions[2]).toMatch(
      /^For Production it must not be worse than version 1 in Production, and is worse\. .* To Production all the same\?$/,
    );
  });
});

describe('at a terminal', () => {
  it('registers in the stage that is answered', async () => {
    const prompts = answers(true, 'Production');
    const { config, context } = await testPipeline({ prompts });
    await judgedModel(context, 0.85);
    expect(await registerStage(config, context)).toMatchObject({ stage: 'Production' });
    expect(prompts.questions).toEqual([
      `Accuracy 0.8500 reaches the threshold 0.8000. Register the model as ${config.model.registered_name}?`,
      'Stage: 1 None, 2 Staging, 3 Production',
    ]);
  });

  it('registers nothing where the answer is no', async () => {
    const { config, context } = await testPipeline({ prompts: answers(false) });
    await judgedModel(context, 0.85);
    expect(await registerStage(config, context)).toMatchObject({
      passed: true,
      model_version: null,
    });
    expect(await listVersions(context.mlflow, config.model.registered_name)).toEqual([]);
  });
});

it('says to run eval first where nothing is judged', async () => {
  const { config, context } = await testPipeline();
  const error = await registerStage(config, context).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect(error.fix).toContain('`ml4 eval` first');
});

/** Gives these answers in turn, and keeps the questions; more questions than answers fail. */
function answers(...given: (boolean | string)[]): Prompts & { questions: string[] } {
  const questions: string[] = [];
  function next(question: string): boolean | string {
    questions.push(question);
    const answer = given[questions.length - 1];
    if (answer === undefined) throw new Error(`No answer to: ${question}`);
    return answer;
  }
  return {
    questions,
    confirm: async (question) => next(question) === true,
    async choose(question, options) {
      const numbered = options.map((option, i) => `${i + 1} ${option}`).join(', ');
      const answer = next(`${question}: ${numbered}`);
      return options.find((option) => option === answer)!;
    },
  };
}
