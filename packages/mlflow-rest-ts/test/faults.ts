import { expect } from 'vitest';
import { isNotFound, joinUri, MlflowClient } from '../src/node/index.js';
import { FAULTS, FaultyProxy, seeded } from './faulty-proxy.js';
import { type Server, uniqueName } from './server.js';

/**
 * Works through a proxy that harms calls until there were so many faults, and then looks, past the
 * proxy, that everything is there once, and as it was sent.
 */
export async function survivesFaults(server: Server, faults: number, seed: number): Promise<void> {
  const proxy = new FaultyProxy(server.uri, seeded(seed), 0.4, faults);
  const options = { backoffFactor: 1.2, maxRetries: 30 };
  const client = new MlflowClient({ trackingUri: await proxy.start(), ...options });
  const direct = new MlflowClient({ trackingUri: server.uri });
  try {
    for (let round = 0; proxy.faults < faults; round++) await work(client, direct, round);
    expect(proxy.faults).toBe(faults);
    if (faults >= 500) expect([...proxy.counts.keys()].sort()).toEqual([...FAULTS].sort());
  } finally {
    proxy.stop();
  }
}

/** One of everything that people do, and what must be there after it. */
async function work(client: MlflowClient, direct: MlflowClient, round: number): Promise<void> {
  const name = uniqueName('faulty');
  const { experimentId } = await client.ensureExperiment(name, { tags: { round: `${round}` } });
  const run = await client.ensureRun({ experimentId, key: name, runName: name });
  const { runId, artifactUri } = run.info;

  const steps = Array.from({ length: 300 }, (_, step) => step);
  const params = Object.fromEntries(steps.slice(0, 120).map((i) => [`p${i}`, `${i}`]));
  await client.logMetrics(
    runId,
    steps.map((step) => ({ key: 'loss', value: 1 / (step + 1), step, timestamp: step })),
  );
  await client.logParams(runId, params);
  await client.runs.setTag({ runId, key: 'gone', value: 'x' });
  await client.runs.deleteTag({ runId, key: 'gone' });
  const dataset = { name: 'nsmc', digest: 'd', sourceType: 'local', source: '{}' };
  await client.runs.logInputs({ runId, datasets: [{ tags: {}, dataset }] });

  const model = await client.ensureLoggedModel({ experimentId, key: name, sourceRunId: runId });
  const { modelId } = model;
  const file = joinUri(artifactUri, 'report.txt');
  await client.writeArtifact(file, '보고'.repeat(1000));
  await client.loggedModels.finalize({ modelId, status: 'READY' });
  await client.runs.logOutputs({ runId, models: [{ modelId }] });

  const source = `models:/${modelId}`;
  const { version } = await client.ensureModelVersion({ name, source, runId, modelId, key: name });
  await client.promote({ name, version, stage: 'Production' });
  await client.runs.update({ runId, status: 'FINISHED', endTime: 1 });
  await client.registeredModels.rename({ name, newName: `${name}-2` });
  const read = await client.readArtifact(file);

  expect(new TextDecoder().decode(read)).toBe('보고'.repeat(1000));
  const runs = await direct.runs.search({
    experimentIds: [experimentId],
    runViewType: 'ACTIVE_ONLY',
  });
  expect(runs.runs.map(({ info }) => info.runId)).toEqual([runId]);
  const { info, data, inputs, outputs } = await direct.runs.get({ runId });
  expect(info).toMatchObject({ runName: name, status: 'FINISHED', endTime: 1 });
  expect(data.params).toEqual(params);
  expect(data.tags).not.toHaveProperty('gone');
  expect(inputs.datasets).toHaveLength(1);
  expect(outputs.models).toEqual([{ modelId, step: 0 }]);
  const history = await direct.metrics.getHistory({ runId, key: 'loss' });
  expect(history.metrics.map(({ step }) => step).sort((a, b) => Number(a) - Number(b))).toEqual(
    steps,
  );
  const models = await direct.loggedModels.search({ experimentIds: [experimentId] });
  expect(models.models.map((found) => found.modelId)).toEqual([modelId]);
  const registered = await direct.registeredModels.get({ name: `${name}-2` });
  expect(registered.aliases).toEqual({ production: version });
  expect(registered.latestVersions).toMatchObject([{ version, currentStage: 'Production' }]);

  await client.registeredModels.delete({ name: `${name}-2` });
  const gone = await direct.registeredModels.get({ name: `${name}-2` }).catch((error) => error);
  expect(isNotFound(gone)).toBe(true);
}
