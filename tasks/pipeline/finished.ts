import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.js';
import type { StageContext, StageName } from './context.js';
import { InputError } from './errors.js';
import { type FetchManifest, findManifest, verifyFile } from './manifest.js';
import type { Volume } from './volume.js';

/**
 * Whether a stage of this pipeline is done and what it left is still there and unchanged. Notify
 * never counts as done: it says itself whether its message was sent.
 */
export async function isFinished(
  stage: StageName,
  config: Config,
  { mlflow, volume }: Pick<StageContext, 'mlflow' | 'volume'>,
): Promise<boolean> {
  switch (stage) {
    case 'fetch': {
      const fetched = await findManifest(volume, 'fetch/manifest.json');
      return fetched !== undefined && (await filesAreThere(volume.root, fetched));
    }
    case 'train': {
      const modelId = await trainedModel(volume);
      if (modelId === undefined) return false;
      return (await mlflow.loggedModels.get({ modelId })).status === 'READY';
    }
    case 'eval': {
      const judged = await findManifest(volume, 'eval/metrics.json');
      return judged !== undefined && judged.model_id === (await trainedModel(volume));
    }
    case 'register': {
      const registered = await findManifest(volume, 'register/result.json');
      return (
        registered !== undefined &&
        registered.model_id === (await trainedModel(volume)) &&
        registered.threshold === config.model.register_threshold
      );
    }
    case 'notify':
      return false;
  }
}

async function trainedModel(volume: Volume): Promise<string | undefined> {
  return (await findManifest(volume, 'train/manifest.json'))?.model_id;
}

async function filesAreThere(
  root: string,
  { dataset, pretrained }: FetchManifest,
): Promise<boolean> {
  if (!existsSync(join(root, pretrained.path))) return false;
  try {
    for (const split of Object.values(dataset.splits)) {
      await verifyFile(join(root, split.path), split.sha256);
    }
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
