import { MlflowClient } from 'mlflow-rest-ts';
import { beforeAll } from 'vitest';
import { sharedServer, uniqueName } from '../../mlflow-rest-ts/test/server.js';
import { ACCURACY_TAG, listVersions } from '../src/index.js';

export let mlflow: MlflowClient;
beforeAll(async () => {
  mlflow = new MlflowClient({ trackingUri: (await sharedServer()).uri });
});

/** A registered model of its own with this many versions, each of a logged model with one file. */
export async function registeredModel(versions: number): Promise<string> {
  const name = uniqueName('model');
  const { experimentId } = await mlflow.ensureExperiment(uniqueName('experiment'));
  await mlflow.registeredModels.create({ name });
  for (let i = 1; i <= versions; i++) {
    const { modelId, artifactUri } = await mlflow.loggedModels.create({ experimentId, name: 'm' });
    await mlflow.writeArtifact(`${artifactUri}/model/config.json`, `{"version": ${i}}`);
    await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
    await mlflow.modelVersions.create({
      name,
      source: `models:/${modelId}`,
      modelId,
      tags: { [ACCURACY_TAG]: `0.${80 + i}` },
    });
  }
  return name;
}

/** The stage of each version. */
export async function stages(name: string): Promise<Record<string, string>> {
  return Object.fromEntries((await listVersions(mlflow, name)).map((v) => [v.version, v.stage]));
}

export async function aliases(name: string): Promise<Record<string, string>> {
  return (await mlflow.registeredModels.get({ name })).aliases;
}
