import { relative, sep } from 'node:path';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type FetchManifest, writeManifest } from '../pipeline/manifest.js';
import { type ConvertedDataset, convertDataset } from './dataset.js';
import { datasetInputs } from './dataset-inputs.js';
import { sha256Folder } from './folder.js';
import { hubSettings } from './hub/settings.js';
import { fetchPretrained, type PretrainedModel } from './pretrained.js';
import { makeScratchModel } from './scratch.js';
import { type DataSource, findSource } from './source.js';
import { SPLITS } from './survey.js';

/**
 * Brings data set and pretrained model to the shared volume, in the form that the later stages
 * read: labeled texts as JSONL by split, the model as a Hugging Face folder. Both lie in a cache by
 * the content of what they were made from, so that a second run downloads and converts nothing.
 *
 * @throws InputError, CheckpointError on data or a model that cannot be used.
 * @throws HubUnreachable
 */
export async function fetchStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, logger, mlflow, run } = context;
  const settings = hubSettings(volume.cacheDir('downloads', 'hub'));
  const { dataset: options, train } = config;
  const columns = { text: options.text_column, label: options.label_column };

  const source = await findSource(config, columns, settings, context);
  const { folder, dataset } = await convertDataset(
    {
      files: source.files,
      columns,
      ...(source.labelNames && { labelNames: source.labelNames }),
      samplingRate: options.sampling_rate,
      devFraction: options.dev_fraction,
      seed: train.seed,
    },
    (key) => volume.cacheDir('datasets', key),
  );
  logger.info(describe(source, dataset));

  const modelCache = (key: string) => volume.cacheDir('models', key);
  const pretrained: PretrainedModel =
    config.model.name === 'scratch' && config.model.path === null
      ? {
          name: 'scratch',
          revision: 'none',
          weights: null,
          folder: await makeScratchModel(
            config,
            {
              path: `${folder}/train.jsonl`,
              sha256: dataset.splits.train.sha256,
              labels: dataset.labels,
            },
            modelCache,
          ),
        }
      : await fetchPretrained(config, modelCache, settings, context);
  logger.info(`Model: ${pretrained.name} (${pretrained.weights ?? 'random weights'})`);

  const path = (file: string) => relative(volume.root, file).split(sep).join('/');
  const split = (name: keyof ConvertedDataset['splits']) => ({
    path: path(`${folder}/${name}.jsonl`),
    ...dataset.splits[name],
  });
  const manifest: FetchManifest = {
    version: 1,
    dataset: {
      name: source.name,
      revision: source.revision,
      labels: dataset.labels,
      splits: { train: split('train'), dev: split('dev'), test: split('test') },
      sha256: dataset.sha256,
    },
    pretrained: {
      name: pretrained.name,
      revision: pretrained.revision,
      path: path(pretrained.folder),
      sha256: await sha256Folder(pretrained.folder),
      weights: pretrained.weights,
    },
  };
  await mlflow.runs.logInputs({
    runId: run.runId,
    datasets: datasetInputs(manifest.dataset, source.origin),
  });
  await writeManifest(volume, 'fetch/manifest.json', manifest);
  return {
    stage: 'fetch',
    run_id: run.runId,
    dataset: source.name,
    dataset_sha256: dataset.sha256,
    ...Object.fromEntries(SPLITS.map((name) => [`${name}_rows`, dataset.splits[name].rows])),
    pretrained: pretrained.name,
    pretrained_sha256: manifest.pretrained.sha256,
  };
}

function describe({ name }: DataSource, { splits, labels, dropped }: ConvertedDataset): string {
  const rows = SPLITS.map((split) => `${splits[split].rows} ${split}`).join(', ');
  const left = dropped > 0 ? `; ${dropped} rows without a text left out` : '';
  return `Data set ${name}: ${rows}; labels ${labels.join(', ')}${left}`;
}
