import { beforeAll, describe, expect, it } from 'vitest';
import { isAlreadyExists, MlflowClient } from '../src/node/index.js';
import { olderThan } from './python.js';
import { sharedServer, uniqueName } from './server.js';

const isOld = await olderThan('3.0');

describe('experiments', () => {
  let client: MlflowClient;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
  });

  it('are made, renamed, tagged, deleted and restored', async () => {
    const name = uniqueName('실험');
    const experimentId = await client.experiments.create({ name, tags: { team: '가' } });
    await expect(client.experiments.create({ name })).rejects.toSatisfy(isAlreadyExists);
    await client.experiments.setTag({ experimentId, key: 'note', value: 'x' });
    await client.experiments.update({ experimentId, newName: `${name} 2` });
    expect(await client.experiments.get({ experimentId })).toMatchObject({
      name: `${name} 2`,
      lifecycleStage: 'active',
      tags: { team: '가', note: 'x' },
      artifactLocation: expect.stringContaining('mlflow-artifacts:/'),
      creationTime: expect.any(Number),
    });
    await client.experiments.delete({ experimentId });
    const deleted = await client.experiments.getByName({ name: `${name} 2` });
    expect(deleted.lifecycleStage).toBe('deleted');
    await client.experiments.restore({ experimentId });
    expect((await client.experiments.get({ experimentId })).lifecycleStage).toBe('active');
  });

  it('are searched page after page, deleted ones where they are wanted', async () => {
    const name = uniqueName('search');
    for (let i = 0; i < 5; i++) await client.experiments.create({ name: `${name}-${i}` });
    const { experimentId } = await client.experiments.getByName({ name: `${name}-4` });
    await client.experiments.delete({ experimentId });

    const search = { filter: `name LIKE '${name}%'`, orderBy: ['name DESC'], maxResults: 2 };
    const found = [];
    for await (const experiment of client.experiments.searchAll(search))
      found.push(experiment.name);
    expect(found).toEqual([3, 2, 1, 0].map((i) => `${name}-${i}`));
    const deleted = await client.experiments.search({ ...search, viewType: 'DELETED_ONLY' });
    expect(deleted.experiments.map((experiment) => experiment.name)).toEqual([`${name}-4`]);
  });

  it.skipIf(isOld)('lose tags, and know the data sets of their runs', async () => {
    const name = uniqueName('data');
    const experimentId = await client.experiments.create({ name, tags: { a: 'b' } });
    await client.experiments.deleteTag({ experimentId, key: 'a' });
    expect((await client.experiments.get({ experimentId })).tags).toEqual({});

    const { runId } = (await client.runs.create({ experimentId })).info;
    const dataset = { name: 'nsmc', digest: 'd', sourceType: 'local', source: '{}' };
    const tags = { 'mlflow.data.context': 'training' };
    await client.runs.logInputs({ runId, datasets: [{ tags, dataset }] });
    expect(await client.experiments.searchDatasets({ experimentIds: [experimentId] })).toEqual([
      { experimentId, name: 'nsmc', digest: 'd', context: 'training' },
    ]);
  });
});
