import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyOf, listVersions } from 'model-registry';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { registerStage } from '../register/register.js';
import { atTerminal, ml4 } from './cli-support.js';
import {
  judgedModel,
  type TestPipeline,
  temporaryFolder,
  testPipeline,
} from './pipeline-support.js';

/** A model with a version of each of these accuracies; the first is in Production. */
async function versions(...accuracies: number[]) {
  const name = uniqueName('model');
  let pipeline: TestPipeline | undefined;
  for (const accuracy of accuracies) {
    const stage = pipeline ? 'None' : 'Production';
    const set = [`model.registered_name=${name}`, `register.stage=${stage}`];
    pipeline = await testPipeline({ set });
    await judgedModel(pipeline.context, accuracy);
    await registerStage(pipeline.config, pipeline.context);
  }
  const { config, context } = pipeline!;
  const file = join(await temporaryFolder(), 'config.yaml');
  await writeFile(file, JSON.stringify(config)); // JSON is YAML
  return {
    name,
    config,
    mlflow: context.mlflow,
    models: (...args: string[]) => ['models', ...args, '--config', file],
    stages: async () =>
      Object.fromEntries(
        (await listVersions(context.mlflow, name)).map(({ version, stage }) => [version, stage]),
      ),
  };
}

describe('ml4 models', () => {
  it('lists the versions with stage, accuracy and its interval, date and run', async () => {
    const { models, name } = await versions(0.82, 0.9);
    const { stdout } = await ml4(models());
    expect(stdout).toContain(name);
    expect(stdout).toMatch(
      /1 +│ Production │ production │ 0\.8200 +│ 0\.8000 to 0\.8400 │ \d{4}-\d\d-\d\d \d\d:\d\d │ [0-9a-f]{8}/,
    );
    expect(JSON.parse((await ml4(models('--json'))).stdout)).toMatchObject([
      { version: '2', stage: 'None', accuracyInterval: { low: 0.88, high: 0.92 } },
      { version: '1', stage: 'Production' },
    ]);
  });

  it('names a command that there is not', async () => {
    const { code, stderr } = await ml4(['models', 'lsit']);
    expect(stderr).toContain("unknown command 'lsit'; ml4 models --help lists them");
    expect(code).toBe(2);
  });

  it('says how to get one where there is none', async () => {
    const { config } = await testPipeline();
    const file = join(await temporaryFolder(), 'config.yaml');
    await writeFile(file, JSON.stringify(config));
    const { stdout } = await ml4(['models', '--config', file]);
    expect(stdout).toContain('is registered yet: `ml4 run` makes one.');
  });

  it('takes the newest model where the default one has no version, and says so', async () => {
    const { config } = await versions(0.82);
    const env = {
      ML4__TRACKING__URI: config.tracking.uri!,
      ML4__MODEL__REGISTERED_NAME: uniqueName('none'),
    };
    const { stdout, stderr } = await ml4(['models', '--json'], { env });
    expect(stderr).toMatch(/^Nothing is registered as none-\S+; this is \S+, the newest model\./);
    expect(JSON.parse(stdout)[0]).toMatchObject({ version: expect.any(String) });
  });

  it('takes --config before the command below it, too', async () => {
    const { models, name } = await versions(0.82);
    const [first, ...rest] = models();
    const { stdout } = await ml4([first!, ...rest, 'show', '1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name, version: '1' });
  });
});

describe('ml4 models compare and show', () => {
  it('compares the newest version with the one in Production', async () => {
    const { models } = await versions(0.82, 0.9);
    const { stdout } = await ml4(models('compare'));
    expect(stdout).toContain('Version 2 against version 1: better');
    expect(stdout).toMatch(/Accuracy +│ 0\.9000 +│ 0\.8200 +│ \+0\.0800 +│ \+0\.0\d+ to \+0\.\d+/);
    const { stdout: json } = await ml4(models('compare', '1', '2', '--json'));
    expect(JSON.parse(json)).toMatchObject({ verdict: 'worse', champion: { version: '2' } });
  });

  it('shows figures, data, run and history of a version', async () => {
    const { models, name } = await versions(0.82);
    const { stdout } = await ml4(models('show', 'production'));
    expect(stdout).toContain(`${name} 1`);
    expect(stdout).toMatch(/accuracy +│ 0\.8200 {2}95 %: 0\.8000 to 0\.8400/);
    expect(stdout).toContain('reviews, 900 training texts');
    expect(stdout).toMatch(/None → Production {2}by pipeline \S+: registered; Accuracy 0\.8200/);
    expect(stdout).toContain('/#/models/');
  });

  it('says which versions there are where one is not', async () => {
    const { models, name } = await versions(0.82);
    const { code, stderr } = await ml4(models('show', '7'));
    expect(stderr).toBe(`ml4: ${name} has no version 7.\nThere are: 1.\n`);
    expect(code).toBe(2);
  });
});

describe('ml4 models promote, demote, rollback, delete', () => {
  it('promotes, rolls back and demotes, each in one command, and the mirror follows', async () => {
    const { models, stages, config, mlflow, name } = await versions(0.82, 0.9);
    const promoted = await ml4(models('promote', '2', '--yes', '--why', 'two points better'));
    expect(promoted.stdout).toBe(`${name} 2 is in Production now.\n`);
    expect(promoted.stderr).toContain('Version 2 against version 1: better');
    expect(await stages()).toEqual({ 1: 'Archived', 2: 'Production' });

    const { stdout } = await ml4(models('rollback', '--yes', '--json'));
    expect(JSON.parse(stdout)).toMatchObject({ version: '1', stage: 'Production' });
    await ml4(models('demote', '1', '--stage', 'Archived', '--yes'));
    expect(await stages()).toEqual({ 1: 'Archived', 2: 'Archived' });

    const mirror = JSON.parse(await readFile(config.register.mirror, 'utf8'));
    expect(mirror.models).toContainEqual(expect.objectContaining({ name, production: null }));
    const { stdout: told } = await ml4(models('history'));
    expect(told).toMatch(/version 2 {2}[-\d: ]+ {2}None → Production {2}by \S+: two points better/);
    const whys = (await historyOf(mlflow, name, '2')).map(({ why }) => why);
    expect(whys).toEqual(['two points better', 'version 1 took its place']);
  });

  it('does not promote what is worse, unless forced', async () => {
    const { models, stages } = await versions(0.9, 0.82);
    const { code, stderr } = await ml4(models('promote', '2', '--yes'));
    expect(stderr).toContain(
      'Version 2 is not promoted: it must not be worse than version 1 in Production, and is worse.',
    );
    expect(code).toBe(99);
    expect(await stages()).toEqual({ 1: 'Production', 2: 'None' });
    await ml4(models('promote', '2', '--yes', '--force'));
    expect(await stages()).toEqual({ 1: 'Archived', 2: 'Production' });
  });

  it('deletes a version, but not the one in Production', async () => {
    const { models, stages } = await versions(0.82, 0.9);
    const { code, stderr } = await ml4(models('delete', '1', '--yes'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('is in Production.')]);
    expect((await ml4(models('delete', '2', '--yes'))).stdout).toBe('Deleted.\n');
    expect(await stages()).toEqual({ 1: 'Production' });
  });

  it('asks for --yes where there is no terminal, and changes nothing', async () => {
    const { models, stages } = await versions(0.82, 0.9);
    const { code, stderr } = await ml4(models('promote', '2'));
    expect(stderr).toContain('There is no terminal to ask at.\n--yes answers in a script.');
    expect(code).toBe(2);
    expect(await stages()).toEqual({ 1: 'Production', 2: 'None' });
  });

  it('rebuilds the mirror file', async () => {
    const { models, config, name } = await versions(0.82);
    await writeFile(config.register.mirror, 'broken');
    await ml4(models('sync'));
    const mirror = JSON.parse(await readFile(config.register.mirror, 'utf8'));
    expect(mirror.models).toContainEqual(expect.objectContaining({ name, production: '1' }));
  });

  it('at a terminal asks which version, by its number, and whether it is meant', async () => {
    const { models, stages } = await versions(0.82, 0.9);
    const screen = await atTerminal(models('promote'), [
      [/2\) version 1, Production/, '1\r'],
      [/Promote version 2 of \S+\s+to\s+Production\s+instead\s+of\s+version\s+1\?/, 'y\r'],
    ]);
    expect(screen).toMatch(/1\) version 2, None, accuracy 0\.9000/);
    expect(await stages()).toEqual({ 1: 'Archived', 2: 'Production' });
  });

  it('at a terminal asks once more before a worse version goes to Production', async () => {
    const { models, stages } = await versions(0.9, 0.82);
    await atTerminal(models('promote', '2'), [[/Go on all the same\?/, 'n\r']]);
    expect(await stages()).toEqual({ 1: 'Production', 2: 'None' });
  });
});
