import { join } from 'node:path';
import type { StageContext } from '../pipeline/context.js';
import { type TrainManifest, verifyFile } from '../pipeline/manifest.js';

/**
 * The folder of the trained MLflow model, each file checked against its recorded sha256. Where the
 * server's volume is not mounted here, the files are downloaded into the cache first.
 *
 * @throws InputError where a file is gone or changed
 */
export async function trainedModelFolder(
  { mlflow, volume, signal }: Pick<StageContext, 'mlflow' | 'volume' | 'signal'>,
  { model_id, files }: TrainManifest,
): Promise<string> {
  const { artifactUri } = await mlflow.loggedModels.get({ modelId: model_id, signal });
  let folder = volume.localPath(artifactUri);
  if (folder === null) {
    folder = volume.cacheDir('models', model_id);
    await mlflow.downloadDir(artifactUri, folder, { signal });
  }
  for (const [file, sha256] of Object.entries(files)) await verifyFile(join(folder, file), sha256);
  return folder;
}
