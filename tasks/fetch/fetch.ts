import { join, relative, sep } from 'node:path';
import { Tokenizer } from 'bert-tfjs';
import { type EncodedSplit, encodeSplit } from '../cache/encoded-split.js';
import { sha256Folder } from '../cache/folder.js';
import { limitCache } from '../cache/prune.js';
import { type CacheKind, useEntry } from '../cache/uses.js';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type FetchManifest, writeManifest } from '../pipeline/manifest.js';
import { type ConvertedDataset, convertDataset } from './dataset.js';
import { datasetInputs } from './dataset-inputs.js';
import { hubCache } from './downloads.js';
import { type HubSettings, hubSettings } from './hub/settings.js';
import { cleaningFor } from './presets.js';
import { fetchPretrained, type PretrainedModel } from './pretrained.js';
import { makeScratchModel } from './scratch.js';
import { type DataSource, findSource } from './source.js';
import { SPLITS, type SplitName } from './survey.js';
import { championData } from './validation/champion.js';
import {
  fullReport,
  publishReport,
  reportOnSource,
  type ValidationReport,
} from './validation/report.js';

/** A data set in the cache: `train.jsonl`, `dev.jsonl` and `test.jsonl` in a folder. */
interface CachedDataset {
  source: DataSource;
  folder: string;
  dataset: ConvertedDataset;
}

/**
 * Brings data set and pretrained model to the shared volume, in the form that the later stages
 * read: labeled texts as JSONL by split and as token ids, the model as a Hugging Face folder. All
 * lie in a cache by the content of what they were made from, so that a second run downloads,
 * converts and tokenizes nothing. The data are judged before the manifest is written.
 *
 * @throws InputError, CheckpointError on data or a model that cannot be used.
 * @throws HubUnreachable
 */
export async function fetchStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, mlflow, run } = context;
  const settings = hubSettings(hubCache(context));
  const data = await fetchDataset(config, settings, context);
  const model = await fetchModel(config, data, settings, context);
  const manifest = await describe(data, model, volume.root);
  const { dataset, pretrained } = manifest;
  const report = await validate(config, data, model, dataset, context);
  await publishReport(report, context);
  await mlflow.runs.logInputs({
    runId: run.runId,
    datasets: datasetInputs(dataset, data.source.origin),
  });
  await writeManifest(volume, 'fetch/manifest.json', manifest);
  await limitCache(config, context);
  return {
    stage: 'fetch',
    run_id: run.runId,
    dataset: dataset.name,
    dataset_sha256: dataset.sha256,
    ...Object.fromEntries(SPLITS.map((split) => [`${split}_rows`, dataset.splits[split].rows])),
    warnings: report.findings.filter(({ severity }) => severity === 'warning').length,
    pretrained: pretrained.name,
    pretrained_sha256: pretrained.sha256,
  };
}

async function fetchDataset(
  config: Config,
  settings: HubSettings,
  context: StageContext,
): Promise<CachedDataset> {
  const source = await findSource(config, settings, context);
  const { sampling_rate, dev_fraction } = config.dataset;
  const { folder, dataset } = await convertDataset(
    {
      files: source.files,
      columns: source.columns,
      ...(source.labelNames && { labelNames: source.labelNames }),
      samplingRate: sampling_rate,
      devFraction: dev_fraction,
      seed: config.train.seed,
    },
    cacheDirs('datasets', source.name, context),
    async (read) => {
      const report = reportOnSource(source.name, read, config);
      if (report.findings.some(({ severity }) => severity === 'error')) {
        await publishReport(report, context);
      }
    },
  );
  const rows = SPLITS.map((split) => `${thousands(dataset.splits[split].rows)} ${split}`);
  const labels = dataset.labels.join(', ');
  context.logger.info(`Data set ${source.name}: ${rows.join(', ')}; labels ${labels}`);
  return { source, folder, dataset };
}

/** The folder of a key, noted as used by this pipeline. */
function cacheDirs(kind: CacheKind, name: string, context: StageContext) {
  return (key: string) => useEntry({ kind, key }, name, context);
}

async function fetchModel(
  config: Config,
  { folder, dataset }: CachedDataset,
  settings: HubSettings,
  context: StageContext,
): Promise<PretrainedModel> {
  const { name, path } = config.model;
  const cacheDir = cacheDirs('models', name, context);
  if (name !== 'scratch' || path !== null) {
    const model = await fetchPretrained(config, cacheDir, settings, context);
    const cleaning = model.cleaning === null ? 'texts as they are' : `cleaning ${model.cleaning}`;
    context.logger.info(`Model ${name}: ${model.weights}, revision ${model.revision}, ${cleaning}`);
    return model;
  }
  const { sha256 } = dataset.splits.train;
  const train = { path: join(folder, 'train.jsonl'), sha256, labels: dataset.labels };
  const made = await makeScratchModel(config, train, cacheDir);
  context.logger.info('Model scratch: random weights, vocabulary learned from the train split');
  const cleaning = cleaningFor(config.model) ?? null;
  return { name, revision: 'none', folder: made, weights: null, cleaning };
}

/** Tokenizes the splits for the later stages, and judges the data by all that is known of them. */
async function validate(
  config: Config,
  { dataset: converted }: CachedDataset,
  model: PretrainedModel,
  { name, splits }: FetchManifest['dataset'],
  context: StageContext,
): Promise<ValidationReport> {
  const tokenizer = await Tokenizer.fromFolder(model.folder);
  const encoded: Partial<Record<SplitName, EncodedSplit>> = {};
  for (const split of SPLITS) {
    encoded[split] = await encodeSplit(
      {
        name: `${name} ${split}`,
        split: splits[split],
        tokenizer,
        maxLength: config.dataset.max_length,
      },
      context,
    );
  }
  return fullReport(
    name,
    converted.source,
    { profile: converted.profile, tokens: encoded.train!.statistics },
    await championData(config, context),
    config,
  );
}

async function describe(
  { source, folder, dataset }: CachedDataset,
  model: PretrainedModel,
  root: string,
): Promise<FetchManifest> {
  const path = (file: string) => relative(root, file).split(sep).join('/');
  const split = (name: keyof ConvertedDataset['splits']) => ({
    path: path(join(folder, `${name}.jsonl`)),
    ...dataset.splits[name],
  });
  return {
    version: 1,
    dataset: {
      name: source.name,
      revision: source.revision,
      labels: dataset.labels,
      splits: { train: split('train'), dev: split('dev'), test: split('test') },
      sha256: dataset.sha256,
    },
    pretrained: {
      name: model.name,
      revision: model.revision,
      path: path(model.folder),
      sha256: await sha256Folder(model.folder),
      weights: model.weights,
      cleaning: model.cleaning,
    },
  };
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
