import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { MlflowClient } from 'mlflow-rest-ts';
import {
  downloadModel,
  findVersion,
  modelUri,
  type RegisteredVersion,
  type VersionSelector,
} from 'model-registry';
import type { Config } from '../pipeline/config.js';
import { InputError } from '../pipeline/errors.js';
import { openTracking, volumeRoot } from '../pipeline/run.js';
import { pathBehind } from '../pipeline/volume.js';
import { type CommonOptions, configOf } from './options.js';

type PredictOptions = CommonOptions & VersionSelector & { model?: string; json?: true };

/** `ml4 predict "…"`: the label and its probability for each text. */
export async function predictCommand(texts: string[], options: PredictOptions): Promise<void> {
  const { version: number, alias, stage, model, json } = options;
  const config = await configOf(options);
  const mlflow = await openTracking(config);
  const name = model ?? config.model.registered_name;
  const selector = { version: number, alias, stage };
  const version = await findVersion(mlflow, name, selector);
  if (!version)
    throw new InputError(missing(name, selector), { fix: '`ml4 models` lists what is there.' });

  const { TextClassifier } = await import('bert-tfjs');
  const folder = await modelFolder(config, mlflow, version);
  const classifier = await TextClassifier.load(folder, { threads: config.train.threads });
  const predictions = await classifier.predict(texts);
  classifier.dispose();
  if (json) {
    const lines = predictions.map((prediction, i) =>
      JSON.stringify({ text: texts[i], ...prediction }),
    );
    process.stdout.write(`${lines.join('\n')}\n`);
    return;
  }
  const table = new Table({
    head: ['Label', 'Probability', 'Text'],
    style: { head: [], border: [] },
  });
  for (const [i, { label, score }] of predictions.entries()) {
    table.push([label, score.toFixed(4), texts[i] ?? '']);
  }
  process.stdout.write(`${name} ${version.version}, stage ${version.stage}\n${table.toString()}\n`);
}

/** Where the server's folder is mounted the model is read there, else downloaded once. */
async function modelFolder(
  config: Config,
  mlflow: MlflowClient,
  version: RegisteredVersion,
): Promise<string> {
  const root = volumeRoot(config);
  const mounted = pathBehind(await modelUri(mlflow, version), root);
  if (mounted !== null && existsSync(join(mounted, 'config.json'))) return mounted;
  return downloadModel(mlflow, version, join(root, 'cache', 'registered'));
}

function missing(name: string, { version, alias, stage }: VersionSelector): string {
  if (version) return `There is no version ${version} of the registered model ${name}.`;
  if (alias) return `The registered model ${name} has no alias ${alias}.`;
  if (stage) return `The registered model ${name} has no version in stage ${stage}.`;
  return `There is no registered model ${name}.`;
}
