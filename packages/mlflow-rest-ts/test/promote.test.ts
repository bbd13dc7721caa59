import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { joinUri, MlflowClient, type ServingStage } from '../src/node/index.js';
import { olderThan } from './python.js';
import { sharedServer, uniqueName } from './server.js';

describe.skipIf(await olderThan('2.3'))('a promoted version', () => {
  let client: MlflowClient;
  let experimentId: string;
  let name: string;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    experimentId = (await client.ensureExperiment(uniqueName('promote'))).experimentId;
  });

  beforeEach(async () => {
    name = uniqueName('promoted');
    await client.registeredModels.create({ name });
    const { runId, artifactUri } = (await client.runs.create({ experimentId })).info;
    for (let i = 0; i < 4; i++) {
      await client.modelVersions.create({ name, source: joinUri(artifactUri, 'm'), runId });
    }
  });

  /** Version by stage, of those that are in one; and by alias. */
  async function state() {
    const { modelVersions } = await client.modelVersions.search({ filter: `name = '${name}'` });
    const stages = modelVersions
      .filter((version) => ['Staging', 'Production'].includes(version.currentStage))
      .map(({ currentStage, version }) => [currentStage, version]);
    const { aliases } = await client.registeredModels.get({ name });
    return { stages: stages.sort(), aliases };
  }

  const promote = (version: string, stage: ServingStage = 'Production') =>
    client.promote({ name, version, stage });
  const rollback = (from?: string) => client.rollback({ name, stage: 'Production', from });

  it('is alone in its stage, and the alias points to it', async () => {
    await promote('1', 'Staging');
    await promote('2');
    const promoted = await promote('1');
    expect(promoted).toMatchObject({ version: '1', currentStage: 'Production' });
    expect(await state()).toEqual({ stages: [['Production', '1']], aliases: { production: '1' } });
  });

  it('gives way to the one before it', async () => {
    await promote('1');
    await promote('2');
    await promote('3');
    expect((await rollback()).version).toBe('2');
    expect((await rollback()).version).toBe('1');
    expect(await state()).toEqual({ stages: [['Production', '1']], aliases: { production: '1' } });
    await expect(rollback()).rejects.toMatchObject({ errorCode: 'INVALID_STATE' });
  });

  it('is rolled back once when the call is repeated', async () => {
    await promote('1');
    await promote('2');
    await promote('3');
    await Promise.all([rollback('3'), rollback('3')]);
    expect((await rollback('3')).version).toBe('2');
    await promote('4');
    await expect(rollback('3')).rejects.toMatchObject({ errorCode: 'INVALID_STATE' });
    expect((await state()).aliases).toEqual({ production: '4' });
  });

  it('is one, whoever races', async () => {
    const racers = Array.from({ length: 12 }, (_, i) => promote(String(1 + (i % 4))));
    await Promise.all(racers);
    const { stages, aliases } = await state();
    expect(stages).toEqual([['Production', aliases.production]]);
  });
});
