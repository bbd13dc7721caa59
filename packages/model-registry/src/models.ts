import type { MlflowClient } from 'mlflow-rest-ts';
import { listVersions, type RegisteredVersion } from './versions.js';

/** A registered model of ml4's. */
export interface RegisteredModel {
  name: string;
  /** Newest first. */
  versions: RegisteredVersion[];
}

/** Tag of the registered models that ml4 made; others on the same server are left alone. */
const OWN_TAG = 'ml4';

/** Marks a registered model as one of ml4's. */
export async function adoptModel(mlflow: MlflowClient, name: string): Promise<void> {
  await mlflow.registeredModels.setTag({ name, key: OWN_TAG, value: 'true' });
}

/** The registered models of ml4's, the one with the newest version first. */
export async function listModels(mlflow: MlflowClient): Promise<RegisteredModel[]> {
  const models: RegisteredModel[] = [];
  const filter = `tags.${OWN_TAG} = 'true'`;
  for await (const { name } of mlflow.registeredModels.searchAll({ filter })) {
    models.push({ name, versions: await listVersions(mlflow, name) });
  }
  return models.sort((a, b) => newest(b) - newest(a) || (a.name < b.name ? -1 : 1));
}

function newest({ versions }: RegisteredModel): number {
  return versions[0]?.createdAt.getTime() ?? 0;
}
