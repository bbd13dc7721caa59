import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedServer } from './server.js';

const PACKAGE = join(import.meta.dirname, '..');

describe('the bundle for browsers', () => {
  let code: string;

  beforeAll(async () => {
    const bundle = await rolldown({
      input: join(PACKAGE, 'dist/index.js'),
      platform: 'browser',
      onwarn: (warning) => expect.unreachable(warning.message),
    });
    const { output } = await bundle.generate({ format: 'iife', name: 'mlflow', minify: true });
    code = output[0].code;
  });

  it('is below 15 kB when compressed', () => {
    expect(gzipSync(code).length).toBeLessThan(15_000);
  });

  it('works with what browsers have, and nothing else', async () => {
    const { uri } = await sharedServer();
    const context = createContext({
      ...{ fetch, URL, URLSearchParams, Response, TextEncoder, TextDecoder, crypto, btoa },
      ...{ AbortController, AbortSignal, setTimeout, clearTimeout, uri },
    });
    runInContext(code, context);
    const read = await runInContext(
      `(async () => {
        const client = new mlflow.MlflowClient({ trackingUri: uri });
        const { experimentId } = await client.ensureExperiment('browser');
        const { info } = await client.ensureRun({ experimentId, key: 'browser' });
        await client.logMetrics(info.runId, [{ key: 'loss', value: NaN, step: 2n ** 60n }]);
        await client.writeArtifact(info.artifactUri + '/a.txt', '안녕');
        const bytes = await client.readArtifact(info.artifactUri + '/a.txt');
        const { data } = await client.runs.get({ runId: info.runId });
        const { value, step } = data.metrics.loss;
        return [new TextDecoder().decode(bytes), String(value), String(step)];
      })()`,
      context,
    );
    expect([...read]).toEqual(['안녕', 'NaN', String(2n ** 60n)]);
  });
});
