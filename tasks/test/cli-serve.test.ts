import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { registerStage } from '../register/register.js';
import { ml4 } from './cli-support.js';
import { judgedModel, testPipeline } from './pipeline-support.js';

interface Models {
  name: string;
  versions: object[];
}

/** What `/models` says while `ml4 serve` runs. */
async function modelsOf(args: string[], env: Record<string, string>): Promise<Models | undefined> {
  let models: Promise<Models> | undefined;
  await ml4(['serve', '--port', '0', ...args], {
    env,
    onStderr: (stderr, child) => {
      const url = /http:\/\/[\d.]+:\d+/.exec(stderr)?.[0];
      if (models || url === undefined) return;
      const asked = fetch(`${url}/models`).then(async (answer) => (await answer.json()) as Models);
      asked.finally(() => child.kill('SIGTERM')).catch(() => {});
      models = asked;
    },
  });
  return models;
}

describe('ml4 serve', () => {
  let name: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    const server = await sharedServer();
    env = {
      ML4__TRACKING__URI: server.uri,
      ML4__TRACKING__VOLUME: server.artifacts,
      ML4__REGISTER__MIRROR: join(server.artifacts, `${uniqueName('mirror')}.json`),
      ML4__MODEL__REGISTERED_NAME: uniqueName('none'),
    };
  });
  const register = async () => {
    const { config, context } = await testPipeline();
    await judgedModel(context, 0.9);
    await registerStage(config, context);
    name = config.model.registered_name;
  };

  it('shows the newest model where the default one has no version', async () => {
    await register();
    const models = await modelsOf([], env);
    expect(models?.name).not.toMatch(/^none-/);
    expect(models?.versions.length).toBeGreaterThan(0);
  });

  it('shows the model that is named', async () => {
    await register();
    expect(await modelsOf(['--model', name], env)).toMatchObject({
      name,
      versions: [{ version: '1' }],
    });
    const none = uniqueName('none');
    expect(await modelsOf(['--set', `model.registered_name=${none}`], env)).toMatchObject({
      name: none,
      versions: [],
    });
  });
});
