import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CleaningName, loadPretrained, parseBertConfig, Tokenizer } from 'bert-tfjs';
import { publishFolder } from '../cache/folder.js';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { InputError } from '../pipeline/errors.js';
import { type FetchManifest, sha256File } from '../pipeline/manifest.js';
import { fetchSnapshot } from './downloads.js';
import type { HubSettings } from './hub/settings.js';
import type { Snapshot } from './hub/snapshot.js';
import { checkMaxLength } from './max-length.js';
import { cleaningFor, MODELS } from './presets.js';
import { unknownName } from './source.js';

/** Weights by preference; each in one file, or in shards with an index. */
const WEIGHTS = {
  'model.safetensors': /^model(-\d+-of-\d+)?\.safetensors(\.index\.json)?$/,
  'pytorch_model.bin': /^pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?$/,
};

/** What a tokenizer may consist of, beside one of the first two. */
const TOKENIZER = [
  'vocab.txt',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
];

/** A model in the cache: a folder in Hugging Face's layout with nothing else in it. */
export interface PretrainedModel {
  name: string;
  /** Commit on the hub, or `local`. */
  revision: string;
  folder: string;
  weights: FetchManifest['pretrained']['weights'];
  /** What its tokenizer does to texts first. */
  cleaning: CleaningName | null;
}

/**
 * Brings the configured model's folder or repository into the cache and checks that it can be
 * fine-tuned here: architecture, shapes of all weights, vocabulary. The cleaning of texts becomes a
 * part of its tokenizer, so that all that follows cleans in the same way.
 *
 * @param cacheDir gives the folder for a key of the files' content
 * @throws InputError, CheckpointError naming file and problem.
 * @throws HubUnreachable
 */
export async function fetchPretrained(
  { model, dataset }: Config,
  cacheDir: (key: string) => Promise<string>,
  settings: HubSettings,
  context: StageContext,
): Promise<PretrainedModel> {
  if (model.path !== null) {
    const folder = resolve(model.path);
    const files = selectFiles(await filesOf(folder), folder);
    await checkConfig(join(folder, 'config.json'), folder, dataset);
    const cached = await cache(folder, files, copy, cleaningFor(model), cacheDir);
    return { name: model.name, revision: 'local', ...cached, weights: weightsOf(files) };
  }
  const { folder, files, commit } = await download({ model, dataset }, settings, context);
  const cached = await cache(folder, files, linkOrCopy, cleaningFor(model), cacheDir);
  return { name: model.name, revision: commit, ...cached, weights: weightsOf(files) };
}

async function filesOf(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return readdir(folder);
  throw new InputError(`model.path: ${found ? 'not a folder' : 'no such folder'}.`, {
    where: folder,
    fix: 'Name a folder in the layout of Hugging Face: config.json, vocab.txt, model.safetensors.',
  });
}

async function download(
  { model: { name, revision }, dataset }: Pick<Config, 'model' | 'dataset'>,
  settings: HubSettings,
  context: StageContext,
): Promise<Snapshot> {
  const preset = MODELS[name.toLowerCase()];
  if (!preset && !name.includes('/'))
    throw unknownName('model', name, ['scratch', ...Object.keys(MODELS)]);
  const repository = {
    type: 'model' as const,
    name: preset?.name ?? name,
    revision: revision ?? preset?.revision ?? 'main',
  };
  // The small file first: it says whether the large ones are of use.
  const { folder } = await fetchSnapshot(
    repository,
    (paths) => selectFiles(paths, repository.name) && ['config.json'],
    settings,
    context,
  );
  await checkConfig(join(folder, 'config.json'), repository.name, dataset);
  return fetchSnapshot(
    repository,
    (paths) => selectFiles(paths, repository.name),
    settings,
    context,
  );
}

/** @throws CheckpointError, InputError where the model cannot be fine-tuned as configured. */
async function checkConfig(
  path: string,
  model: string,
  { max_length }: Config['dataset'],
): Promise<void> {
  const json: unknown = await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  checkMaxLength(parseBertConfig(json, `${model}/config.json`), max_length);
}

/** @throws InputError naming what is missing. */
function selectFiles(available: readonly string[], where: string): string[] {
  const missing = (what: string, fix: string) =>
    new InputError(
      `The model has no ${what}. It has ${available.slice(0, 20).join(', ') || 'no files'}.`,
      { where, fix },
    );
  if (!available.includes('config.json')) {
    throw missing('config.json', 'Name a model in the layout of Hugging Face.');
  }
  const tokenizer = TOKENIZER.filter((name) => available.includes(name));
  if (!tokenizer.includes('vocab.txt') && !tokenizer.includes('tokenizer.json')) {
    throw missing(
      'vocab.txt or tokenizer.json',
      'Choose a model that has one, or make tokenizer.json with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…).',
    );
  }
  for (const pattern of Object.values(WEIGHTS)) {
    const weights = available.filter((name) => pattern.test(name));
    if (weights.length > 0) return ['config.json', ...tokenizer, ...weights].sort();
  }
  throw missing(
    'model.safetensors or pytorch_model.bin',
    'Convert its weights with transformers: AutoModel.from_pretrained(…).save_pretrained(…).',
  );
}

function weightsOf(files: readonly string[]): PretrainedModel['weights'] {
  return files.some((name) => WEIGHTS['model.safetensors'].test(name))
    ? 'model.safetensors'
    : 'pytorch_model.bin';
}

type Bring = (from: string, to: string) => Promise<void>;

/** Puts files into the cache folder named after their content; it appears once they are checked. */
async function cache(
  folder: string,
  files: readonly string[],
  bring: Bring,
  cleaning: CleaningName | null | undefined,
  cacheDir: (key: string) => Promise<string>,
): Promise<{ folder: string; cleaning: CleaningName | null }> {
  const key = createHash('sha256');
  for (const name of files) key.update(`${await sha256File(join(folder, name))}  ${name}\n`);
  if (cleaning !== undefined) key.update(`cleaning ${cleaning}`);
  const cached = await cacheDir(key.digest('hex'));
  await publishFolder(cached, async (temporary) => {
    await loadPretrained(folder);
    for (const name of files) await bring(join(folder, name), join(temporary, name));
    const tokenizer = await Tokenizer.fromFolder(temporary);
    if (cleaning !== undefined && cleaning !== tokenizer.cleaning) {
      await tokenizer.withCleaning(cleaning).save(temporary);
    }
  });
  return { folder: cached, cleaning: (await Tokenizer.fromFolder(cached)).cleaning };
}

/** A file of someone else's, who may change it in place; shared by the file system where it can. */
async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  await file.sync();
  await file.close();
}

/** A blob of the hub's cache, which nobody changes. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const blob = await realpath(from);
  await link(blob, to).catch(() => copy(blob, to));
}
