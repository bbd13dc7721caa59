import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { historyOf, promote } from '../src/index.js';
import { aliases, mlflow, registeredModel, stages } from './registered-model.js';

const built = join(import.meta.dirname, '../dist/index.js');

/** Runs a few lines of JavaScript in a process of their own, with `mlflow` and `registry` at hand. */
function inProcess(lines: string): Promise<number | null> {
  const program = `
    import { MlflowClient } from 'mlflow-rest-ts';
    import * as registry from ${JSON.stringify(built)};
    const mlflow = new MlflowClient({ trackingUri: ${JSON.stringify(mlflow.trackingUri)} });
    ${lines}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

it('of twenty who promote at once, in four processes, one version remains in Production', async () => {
  const name = await registeredModel(20);
  const codes = await Promise.all(
    [0, 1, 2, 3].map((process) =>
      inProcess(`
        await Promise.all([1, 2, 3, 4, 5].map((i) => registry.promote(mlflow, {
          name: ${JSON.stringify(name)},
          version: String(${process} * 5 + i),
          stage: 'Production',
          by: 'process ${process}',
        })));`),
    ),
  );
  expect(codes).toEqual([0, 0, 0, 0]);

  const after = await stages(name);
  const inProduction = Object.keys(after).filter((version) => after[version] === 'Production');
  expect(inProduction).toEqual([(await aliases(name)).production]);

  // Whoever promoted is in the history, and it ends in Production for the one that is there.
  const history = await historyOf(mlflow, name);
  const entered = history.filter(({ to }) => to === 'Production').map(({ version }) => version);
  expect(new Set(entered).size).toBe(20);
  for (const [version, stage] of Object.entries(after)) {
    const last = history.filter((change) => change.version === version).at(-1)!;
    expect([version, last.to === 'Production']).toEqual([version, stage === 'Production']);
  }
});

it('promotions, demotions, rollbacks and deletions at once leave aliases and stages in agreement', async () => {
  const name = await registeredModel(6);
  for (const version of ['1', '2']) {
    await promote(mlflow, { name, version, stage: 'Production', by: 'tester' });
  }
  const model = JSON.stringify(name);
  const codes = await Promise.all([
    inProcess(`for (const version of ['3', '4', '5']) {
      await registry.promote(mlflow, { name: ${model}, version, stage: 'Production', by: 'a' });
    }`),
    inProcess(`for (const version of ['5', '2', '4']) {
      await registry.promote(mlflow, { name: ${model}, version, stage: 'Staging', by: 'b' });
    }`),
    inProcess(`for (const version of ['2', '3', '4']) {
      await registry.demote(mlflow, { name: ${model}, version, stage: 'None', by: 'c' });
    }`),
    inProcess(`for (let i = 0; i < 3; i++) {
      await registry.rollback(mlflow, { name: ${model}, by: 'd' }).catch((error) => {
        if (!(error instanceof registry.RegistryError)) throw error;
      });
    }
    await registry.deleteVersion(mlflow, { name: ${model}, version: '6', by: 'd' });`),
  ]);
  expect(codes).toEqual([0, 0, 0, 0]);

  const after = await stages(name);
  expect(after['6']).toBeUndefined();
  const serving = Object.entries(after).filter(([, stage]) => /Production|Staging/.test(stage));
  const expected = serving.map(([version, stage]) => [stage.toLowerCase(), version]);
  expect(await aliases(name)).toEqual(Object.fromEntries(expected));
  expect(serving.filter(([, stage]) => stage === 'Production').length).toBeLessThanOrEqual(1);
});
