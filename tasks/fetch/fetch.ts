import { join, relative, sep } from 'node:path';
import { sha256Folder } from '../cache/folder.js';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type FetchManifest, writeManifest } from '../pipeline/manifest.js';
import { type ConvertedDataset, convertDataset } from './dataset.js';
import { datasetInputs } from './dataset-inputs.js';
import { type HubSettings, hubSettings } from './hub/settings.js';
import { fetchPretrained, type PretrainedModel } from './pretrained.js';
import { makeScratchModel } from './scratch.js';
import { type DataSource, findSource } from './source.js';
import { SPLITS } from './survey.js';
import { describeFinding, type Finding, type Validation, worstFirst } from './validation/checks.js';
import { checkTruncation } from './validation/truncation.js';

/** A data set in the cache: `train.jsonl`, `dev.jsonl` and `test.jsonl` in a folder. */
interface CachedDataset {
  source: DataSource;
  folder: string;
  dataset: ConvertedDataset;
}

/**
 * Brings data set and pretrained model to the shared volume, in the form that the later stages
 * read: labeled texts as JSONL by split, the model as a Hugging Face folder. Both lie in a cache by
 * the content of what they were made from, so that a second run downloads and converts nothing.
 *
 * @throws InputError, CheckpointError on data or a model that cannot be used.
 * @throws HubUnreachable
 */
export async function fetchStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, mlflow, run } = context;
  const settings = hubSettings(volume.cacheDir('downloads', 'hub'));
  const data = await fetchDataset(config, settings, context);
  const model = await fetchModel(config, data, settings, context);
  const validation = await validate(config, data, model, context);

  const manifest = await describe(data, model, volume.root);
  await mlflow.runs.logInputs({
    runId: run.runId,
    datasets: datasetInputs(manifest.dataset, data.source.origin),
  });
  await volume.writeArtifact('fetch/validation.json', `${JSON.stringify(validation, null, 2)}\n`);
  await writeManifest(volume, 'fetch/manifest.json', manifest);
  const { dataset, pretrained } = manifest;
  return {
    stage: 'fetch',
    run_id: run.runId,
    dataset: dataset.name,
    dataset_sha256: dataset.sha256,
    ...Object.fromEntries(SPLITS.map((split) => [`${split}_rows`, dataset.splits[split].rows])),
    warnings: validation.findings.filter(({ severity }) => severity === 'warning').length,
    pretrained: pretrained.name,
    pretrained_sha256: pretrained.sha256,
  };
}

async function fetchDataset(
  config: Config,
  settings: HubSettings,
  context: StageContext,
): Promise<CachedDataset> {
  const { volume, logger } = context;
  const { text_column: text, label_column: label, ...options } = config.dataset;
  const source = await findSource(config, { text, label }, settings, context);
  const { folder, dataset } = await convertDataset(
    {
      files: source.files,
      columns: { text, label },
      ...(source.labelNames && { labelNames: source.labelNames }),
      samplingRate: options.sampling_rate,
      devFraction: options.dev_fraction,
      seed: config.train.seed,
    },
    (key) => volume.cacheDir('datasets', key),
  );
  const rows = SPLITS.map((split) => `${thousands(dataset.splits[split].rows)} ${split}`);
  const labels = dataset.labels.join(', ');
  logger.info(`Data set ${source.name}: ${rows.join(', ')}; labels ${labels}`);
  return { source, folder, dataset };
}

async function fetchModel(
  config: Config,
  { folder, dataset }: CachedDataset,
  settings: HubSettings,
  context: StageContext,
): Promise<PretrainedModel> {
  const { name, path } = config.model;
  const cacheDir = (key: string) => context.volume.cacheDir('models', key);
  if (name !== 'scratch' || path !== null) {
    const model = await fetchPretrained(config, cacheDir, settings, context);
    context.logger.info(`Model ${name}: ${model.weights}, revision ${model.revision}`);
    return model;
  }
  const { sha256 } = dataset.splits.train;
  const train = { path: join(folder, 'train.jsonl'), sha256, labels: dataset.labels };
  const made = await makeScratchModel(config, train, cacheDir);
  context.logger.info('Model scratch: random weights, vocabulary learned from the train split');
  return { name, revision: 'none', folder: made, weights: null };
}

/** What was found when the data were converted, and what only the model's tokenizer can tell. */
async function validate(
  config: Config,
  { folder, dataset }: CachedDataset,
  model: PretrainedModel,
  { logger }: StageContext,
): Promise<Validation> {
  const { max_length } = config.dataset;
  const cut = await checkTruncation(join(folder, 'train.jsonl'), model.folder, max_length);
  const findings: Finding[] = worstFirst([...dataset.validation.findings, ...(cut ? [cut] : [])]);
  for (const finding of findings) {
    const level = finding.severity === 'note' ? 'info' : 'warn';
    logger.log(level, describeFinding(finding), { check: finding.check });
  }
  return { ...dataset.validation, findings };
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
    },
  };
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
