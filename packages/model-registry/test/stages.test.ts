import { describe, expect, it } from 'vitest';
import {
  deleteVersion,
  demote,
  historyOf,
  promote,
  RegistryError,
  rollback,
  setStage,
} from '../src/index.js';
import { aliases, mlflow, registeredModel, stages } from './registered-model.js';

const by = 'kim';
const PRODUCTION = { stage: 'Production', by } as const;
const STAGING = { stage: 'Staging', by } as const;

/** A model's history without its times, one line a change. */
async function story(name: string, version?: string): Promise<string[]> {
  return (await historyOf(mlflow, name, version)).map(
    (change) =>
      `${change.version}: ${change.from} → ${change.to} by ${change.by}${change.why ? `, ${change.why}` : ''}`,
  );
}

describe('promote', () => {
  it('puts a version in Production under the alias production', async () => {
    const name = await registeredModel(1);
    const promoted = await promote(mlflow, { name, version: '1', ...PRODUCTION });
    expect(promoted).toMatchObject({ version: '1', stage: 'Production', aliases: ['production'] });
    expect(await stages(name)).toEqual({ 1: 'Production' });
    expect(await aliases(name)).toEqual({ production: '1' });
  });

  it('archives the version that was there and moves the alias', async () => {
    const name = await registeredModel(2);
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    await promote(mlflow, { name, version: '2', ...PRODUCTION, why: 'better by two points' });
    expect(await stages(name)).toEqual({ 1: 'Archived', 2: 'Production' });
    expect(await aliases(name)).toEqual({ production: '2' });
    expect(await story(name)).toEqual([
      '1: None → Production by kim',
      '2: None → Production by kim, better by two points',
      '1: Production → Archived by kim, version 2 took its place',
    ]);
  });

  it('takes the other alias from a version that moves on from Staging to Production', async () => {
    const name = await registeredModel(1);
    await promote(mlflow, { name, version: '1', ...STAGING });
    expect(await aliases(name)).toEqual({ staging: '1' });
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    expect(await aliases(name)).toEqual({ production: '1' });
  });

  it('may be repeated, and is recorded once', async () => {
    const name = await registeredModel(2);
    for (let i = 0; i < 2; i++) await promote(mlflow, { name, version: '2', ...PRODUCTION });
    expect(await stages(name)).toEqual({ 1: 'None', 2: 'Production' });
    expect(await story(name)).toEqual(['2: None → Production by kim']);
  });

  it('archives what others left in Production beside it', async () => {
    const name = await registeredModel(3);
    for (const version of ['1', '2']) {
      await mlflow.modelVersions.transitionStage({ name, version, stage: 'Production' });
    }
    await promote(mlflow, { name, version: '3', ...PRODUCTION });
    expect(await stages(name)).toEqual({ 1: 'Archived', 2: 'Archived', 3: 'Production' });
  });

  it('refuses a version that does not exist, and says which there are', async () => {
    const name = await registeredModel(2);
    const change = promote(mlflow, { name, version: '9', ...PRODUCTION });
    await expect(change).rejects.toThrow(
      new RegistryError(`There is no version 9 of ${name}; there are: 2, 1.`),
    );
    expect(await aliases(name)).toEqual({});
  });
});

describe('demote', () => {
  it('goes from Production to Staging to None to Archived, with the alias', async () => {
    const name = await registeredModel(1);
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    const seen = [];
    for (let i = 0; i < 3; i++) {
      const { stage } = await demote(mlflow, { name, version: '1', by, why: 'too slow' });
      seen.push([stage, await aliases(name)]);
    }
    expect(seen).toEqual([
      ['Staging', { staging: '1' }],
      ['None', {}],
      ['Archived', {}],
    ]);
    expect((await story(name)).at(-1)).toBe('1: None → Archived by kim, too slow');
  });

  it('goes straight to the stage that is named', async () => {
    const name = await registeredModel(1);
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    await demote(mlflow, { name, version: '1', stage: 'Archived', by });
    expect(await stages(name)).toEqual({ 1: 'Archived' });
    expect(await aliases(name)).toEqual({});
  });
});

it('setStage takes any of the four stages', async () => {
  const name = await registeredModel(1);
  for (const stage of ['Staging', 'Archived', 'Production', 'None'] as const) {
    expect((await setStage(mlflow, { name, version: '1', stage, by })).stage).toBe(stage);
  }
  expect(await aliases(name)).toEqual({});
});

describe('rollback', () => {
  it('puts the version before back, again and again, and says so in the history', async () => {
    const name = await registeredModel(3);
    for (const version of ['1', '2', '3']) {
      await promote(mlflow, { name, version, ...PRODUCTION });
    }
    expect(await rollback(mlflow, { name, by: 'lee', why: 'wrong on irony' })).toMatchObject({
      version: '2',
      stage: 'Production',
      aliases: ['production'],
    });
    expect((await story(name)).slice(-2)).toEqual([
      '2: Archived → Production by lee, rolled back from version 3: wrong on irony',
      '3: Production → Archived by lee, version 2 took its place',
    ]);
    expect((await rollback(mlflow, { name, by })).version).toBe('1');
    expect(await stages(name)).toEqual({ 1: 'Production', 2: 'Archived', 3: 'Archived' });
  });

  it('goes one step back when two call it at once', async () => {
    const name = await registeredModel(3);
    for (const version of ['1', '2', '3']) {
      await promote(mlflow, { name, version, ...PRODUCTION });
    }
    const both = await Promise.all([1, 2].map(() => rollback(mlflow, { name, by })));
    expect(both.map(({ version }) => version)).toEqual(['2', '2']);
  });

  it('says what to do where there is nothing to go back to', async () => {
    const name = await registeredModel(1);
    await expect(rollback(mlflow, { name, by })).rejects.toThrow(
      `No version of ${name} is in Production, so there is nothing to roll back. Promote the version that you want.`,
    );
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    await expect(rollback(mlflow, { name, by })).rejects.toThrow(RegistryError);
    expect(await stages(name)).toEqual({ 1: 'Production' });
  });
});

describe('deleteVersion', () => {
  it('deletes a version with its alias, and keeps its history', async () => {
    const name = await registeredModel(2);
    await promote(mlflow, { name, version: '1', ...STAGING });
    await deleteVersion(mlflow, { name, version: '1', by, why: 'a trial' });
    expect(await stages(name)).toEqual({ 2: 'None' });
    expect(await aliases(name)).toEqual({});
    expect(await story(name, '1')).toEqual([
      '1: None → Staging by kim',
      '1: Staging → deleted by kim, a trial',
    ]);
  });

  it('does not delete what is in Production', async () => {
    const name = await registeredModel(1);
    await promote(mlflow, { name, version: '1', ...PRODUCTION });
    await expect(deleteVersion(mlflow, { name, version: '1', by })).rejects.toThrow(
      `Version 1 of ${name} is in Production. Promote another one first, or demote it.`,
    );
    expect(await stages(name)).toEqual({ 1: 'Production' });
  });
});

describe('the history', () => {
  it('is read from tags that MLflow shows, and passes over what people wrote beside it', async () => {
    const name = await registeredModel(1);
    await promote(mlflow, { name, version: '1', ...PRODUCTION, why: '더 낫다 '.repeat(200) });
    const key = 'ml4.history.note';
    await mlflow.modelVersions.setTag({ name, version: '1', key, value: 'not ours' });
    const { tags } = await mlflow.modelVersions.get({ name, version: '1' });
    const [value] = Object.entries(tags)
      .find(([key]) => /^ml4\.history\.\d{4}-/.test(key))!
      .slice(1);
    expect(JSON.parse(value!)).toMatchObject({ from: 'None', to: 'Production', by });
    const [change] = await historyOf(mlflow, name);
    expect(change!.why).toHaveLength(500);
    expect(Date.parse(change!.at)).toBeGreaterThan(Date.now() - 60_000);
  });
});
