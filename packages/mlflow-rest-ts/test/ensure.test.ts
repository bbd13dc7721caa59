import { beforeAll, describe, expect, it } from 'vitest';
import { joinUri, MlflowClient } from '../src/node/index.js';
import { olderThan } from './python.js';
import { sharedServer, uniqueName } from './server.js';

const isOld = await olderThan('3.0');
const AT_ONCE = 8;

describe('what is made under a key is made once', () => {
  let client: MlflowClient;
  let experimentId: string;

  beforeAll(async () => {
    client = new MlflowClient({ trackingUri: (await sharedServer()).uri });
    experimentId = (await client.ensureExperiment(uniqueName('ensure'))).experimentId;
  });

  it('by callers at once: an experiment', async () => {
    const name = uniqueName('raced');
    const made = await atOnce(() => client.ensureExperiment(name));
    expect(new Set(made.map((experiment) => experiment.experimentId)).size).toBe(1);
  });

  it('by callers at once: a run', async () => {
    const key = uniqueName("pipeline's");
    const runs = await atOnce(() => client.ensureRun({ experimentId, key, keyTag: 'a.b' }));
    const { runId } = runs[0]!.info;
    expect(runs.map((run) => run.info.runId)).toEqual(Array(AT_ONCE).fill(runId));
    const filter = `tags.\`a.b\` = "${key}"`;
    const found = await client.runs.search({ experimentIds: [experimentId], filter });
    expect(found.runs.map((run) => run.info.runId)).toEqual([runId]);
    const again = await client.ensureRun({ experimentId, key, keyTag: 'a.b' });
    expect(again.info.runId).toBe(runId);
  });

  it.skipIf(isOld)('by callers at once: a logged model', async () => {
    const key = uniqueName('model');
    const models = await atOnce(() => client.ensureLoggedModel({ experimentId, key, name: 'm' }));
    const { modelId } = models[0]!;
    expect(models.map((model) => model.modelId)).toEqual(Array(AT_ONCE).fill(modelId));
    const filter = `tags.\`mlflow-rest-ts.key\` = '${key}'`;
    const found = await client.loggedModels.search({ experimentIds: [experimentId], filter });
    expect(found.models.map((model) => model.modelId)).toEqual([modelId]);
  });

  it('by callers at once: a version, and its registered model', async () => {
    const name = uniqueName('versions');
    const run = await client.runs.create({ experimentId });
    const { runId, artifactUri } = run.info;
    const source = joinUri(artifactUri, 'model');
    const versions = await atOnce(() =>
      client.ensureModelVersion({ name, source, runId, key: 'once' }),
    );
    expect(versions.map(({ version }) => version)).toEqual(Array(AT_ONCE).fill('1'));
    const found = await client.modelVersions.search({ filter: `name = '${name}'` });
    expect(found.modelVersions.map(({ version }) => version)).toEqual(['1']);
  });

  it('and an experiment that is deleted is not made anew', async () => {
    const name = uniqueName('deleted');
    const { experimentId } = await client.ensureExperiment(name);
    await client.experiments.delete({ experimentId });
    await expect(client.ensureExperiment(name)).rejects.toMatchObject({
      errorCode: 'INVALID_STATE',
    });
  });
});

function atOnce<T>(work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, work));
}
