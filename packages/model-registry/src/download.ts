import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MlflowClient } from 'mlflow-rest-ts';
import type { RegisteredVersion } from './versions.js';

/**
 * A version's model as a Hugging Face folder, `<cache>/<model id>`: downloaded at the first call,
 * whole or not at all.
 *
 * @throws MlflowError where the server does not have it.
 */
export async function downloadModel(
  mlflow: MlflowClient,
  version: RegisteredVersion,
  cache: string,
): Promise<string> {
  const artifactUri = await modelUri(mlflow, version);
  const folder = join(cache, version.modelId ?? `${version.name}-${version.version}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${randomUUID()}.partial`;
  try {
    await mlflow.downloadDir(artifactUri, partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another process was faster
  }
  return folder;
}

/** Where the Hugging Face folder of a version lies: an artifact URI. */
export async function modelUri(
  mlflow: MlflowClient,
  { name, version, modelId }: RegisteredVersion,
): Promise<string> {
  const directory =
    modelId === null
      ? await mlflow.modelVersions.getDownloadUri({ name, version })
      : (await mlflow.loggedModels.get({ modelId })).artifactUri;
  return `${directory}/model`;
}
