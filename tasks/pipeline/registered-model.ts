import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MlflowClient } from 'mlflow-rest-ts';
import { downloadModel, modelUri, type RegisteredVersion } from 'model-registry';
import { pathBehind } from './volume.js';

/**
 * The Hugging Face folder of a registered version. Where the server's folder is mounted as `root` the
 * model is read there, else downloaded once into the cache.
 */
export async function registeredModelFolder(
  mlflow: MlflowClient,
  version: RegisteredVersion,
  root: string,
): Promise<string> {
  const mounted = pathBehind(await modelUri(mlflow, version), root);
  if (mounted !== null && existsSync(join(mounted, 'config.json'))) return mounted;
  return downloadModel(mlflow, version, join(root, 'cache', 'registered'));
}
