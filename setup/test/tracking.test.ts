import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trackingServer } from '../mlflow/tracking.js';
import { scratchProject } from './scratch-project.js';

/** What `npm start` finds with a configuration, arguments and environment. */
function found(yaml: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const file = join(scratchProject(), 'config.yaml');
  writeFileSync(file, yaml);
  return trackingServer(['--config', file, '--yes', ...args], env);
}

describe('trackingServer', () => {
  it('is our own server unless another one is configured', async () => {
    expect(await found('')).toEqual({ uri: 'http://127.0.0.1:5050', ours: true });
    expect(await found('', [], { ML4_MLFLOW_PORT: '5051' })).toEqual({
      uri: 'http://127.0.0.1:5051',
      ours: true,
    });
    expect(await found('tracking: { uri: "http://localhost:5050/" }')).toEqual({
      uri: 'http://127.0.0.1:5050',
      ours: true,
    });
  });

  it('is the one in the configuration, the arguments or MLFLOW_TRACKING_URI', async () => {
    const uri = 'http://mlflow.example:5000';
    const other = { uri, ours: false };
    expect(await found(`tracking: { uri: "${uri}" }`)).toEqual(other);
    expect(await found('', ['--set', `tracking.uri=${uri}`])).toEqual(other);
    expect(await found('', [`--set=tracking.uri=${uri}`])).toEqual(other);
    expect(await found('', [], { MLFLOW_TRACKING_URI: uri })).toEqual(other);
    expect(await found('', [], { ML4__TRACKING__URI: uri })).toEqual(other);
  });

  it('refuses a bad configuration before anything runs', async () => {
    await expect(found('train: { epoch: 3 }')).rejects.toMatchObject({ exitCode: 2 });
  });
});
