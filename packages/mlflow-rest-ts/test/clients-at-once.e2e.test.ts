import { expect, it } from 'vitest';
import { joinUri, MlflowClient } from '../src/node/index.js';
import { sharedServer, uniqueName } from './server.js';

const CLIENTS = 20;
const CALLS = 12;

it('20 clients at once lose nothing and are refused nothing', { timeout: 600_000 }, async () => {
  const { uri } = await sharedServer();
  const name = uniqueName('crowd');

  const logged = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, number) => {
      // No retries: a refusal is an error here. Sockets of its own: as a process would have them.
      const client = new MlflowClient({ trackingUri: uri, maxRetries: 0 });
      const { experimentId } = await client.ensureExperiment(name);
      return client.withRun(
        { experimentId, runName: `${number}` },
        async ({ run, runId, metrics }) => {
          for (let i = 0; i < CALLS; i++) {
            await client.runs.logMetric({ runId, key: 'alone', value: i, step: i });
            await client.runs.logParameter({ runId, key: `p${i}`, value: `${number}` });
            metrics.log({ together: i }, { step: i });
          }
          await client.writeArtifact(joinUri(run.info.artifactUri, 'number'), `${number}`);
          return runId;
        },
      );
    }),
  );

  const client = new MlflowClient({ trackingUri: uri });
  for (const [number, runId] of logged.entries()) {
    const { info, data } = await client.runs.get({ runId });
    expect(info).toMatchObject({ runName: `${number}`, status: 'FINISHED' });
    expect(Object.values(data.params)).toEqual(Array(CALLS).fill(`${number}`));
    for (const key of ['alone', 'together']) {
      const { metrics } = await client.metrics.getHistory({ runId, key });
      const steps = metrics.map(({ step }) => Number(step)).sort((a, b) => a - b);
      expect(steps).toEqual(Array.from({ length: CALLS }, (_, i) => i));
    }
    const bytes = await client.readArtifact(joinUri(info.artifactUri, 'number'));
    expect(new TextDecoder().decode(bytes)).toBe(`${number}`);
  }
});
