import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { publishFolder } from '../cache/folder.js';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { InputError } from '../pipeline/errors.js';
import type { HubSettings } from './hub/settings.js';
import { type Snapshot, snapshot } from './hub/snapshot.js';
import { DATASETS } from './presets.js';
import {
  generateReviews,
  QUICKSTART_LABELS,
  QUICKSTART_REVISION,
} from './quickstart/quickstart.js';
import type { WantedColumns } from './rows/columns.js';
import { readLabelNames } from './rows/parquet.js';
import { findSplits } from './split-files.js';
import type { SplitFiles } from './survey.js';

/** Where labeled texts come from, and the files that hold them. */
export interface DataSource {
  name: string;
  /** Commit on the hub, `local`, or the generator's. */
  revision: string;
  files: SplitFiles;
  labelNames?: readonly string[];
  /** As MLflow records where a data set comes from: type, and JSON of a form that depends on it. */
  origin: { type: 'hugging_face' | 'local'; source: string };
}

/** The configured data set's files on this machine: local, generated, or downloaded. */
export async function findSource(
  { dataset }: Config,
  columns: WantedColumns,
  settings: HubSettings,
  context: StageContext,
): Promise<DataSource> {
  if (dataset.path !== null) return localSource(dataset, dataset.path, columns);
  if (dataset.name === 'quickstart') return quickstartSource(context);
  return hubSource(dataset, columns, settings, context);
}

async function localSource(
  { name }: Config['dataset'],
  given: string,
  columns: WantedColumns,
): Promise<DataSource> {
  const path = resolve(given);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      `dataset.path: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}.`,
      {
        where: path,
        fix: 'Correct dataset.path; a relative path starts at the current folder.',
        cause: error,
      },
    );
  });
  const files = found.isDirectory()
    ? await splitsOfFolder(path)
    : { train: [path], dev: [], test: [] };
  return {
    name,
    revision: 'local',
    files,
    ...labelNames(DATASETS[name]?.labelNames ?? (await namesInParquet(files, columns))),
    origin: { type: 'local', source: JSON.stringify({ uri: path }) },
  };
}

async function splitsOfFolder(folder: string): Promise<SplitFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return within(folder, findSplits(paths, folder));
}

async function quickstartSource({ volume, logger }: StageContext): Promise<DataSource> {
  const folder = volume.cacheDir('downloads', `quickstart-${QUICKSTART_REVISION}`);
  const files = within(folder, { train: ['train.jsonl'], dev: [], test: ['test.jsonl'] });
  await publishFolder(folder, async (temporary) => {
    for (const [split, reviews] of Object.entries(generateReviews())) {
      const lines = reviews.map((review) => `${JSON.stringify(review)}\n`);
      await writeFile(join(temporary, `${split}.jsonl`), lines.join(''), { flush: true });
    }
    logger.info('Generated the quickstart reviews');
  });
  return {
    name: 'quickstart',
    revision: QUICKSTART_REVISION,
    files,
    labelNames: QUICKSTART_LABELS,
    origin: { type: 'local', source: JSON.stringify({ uri: folder }) },
  };
}

async function hubSource(
  { name, revision }: Config['dataset'],
  columns: WantedColumns,
  settings: HubSettings,
  context: StageContext,
): Promise<DataSource> {
  const preset = DATASETS[name];
  if (!preset && !name.includes('/'))
    throw unknownName('dataset', name, ['quickstart', ...Object.keys(DATASETS)]);
  const repository = preset?.name ?? name;
  const asked = revision ?? preset?.revision;
  const at = (revision: string) =>
    snapshot(
      { type: 'dataset', name: repository, revision },
      (paths) => Object.values(findSplits(paths, `${repository}, revision ${revision}`)).flat(),
      settings,
      context,
    );
  // Where a repository has no files of rows, the hub often has it converted.
  const found: Snapshot = asked
    ? await at(asked)
    : await at('main').catch((error: unknown) =>
        at('refs/convert/parquet').catch(() => {
          throw error;
        }),
      );
  const files = within(found.folder, findSplits(found.files, found.folder));
  return {
    name,
    revision: found.commit,
    files,
    ...labelNames(preset?.labelNames ?? (await namesInParquet(files, columns))),
    origin: {
      type: 'hugging_face',
      source: JSON.stringify({ path: repository, revision: found.commit }),
    },
  };
}

/** An id of the hub has the form `owner/name`; anything else should have been a preset. */
export function unknownName(
  kind: 'dataset' | 'model',
  name: string,
  presets: readonly string[],
): InputError {
  const near = presets.find((preset) => distance(preset, name.toLowerCase()) <= 2);
  return new InputError(
    `${kind}.name "${name}" is none of ${presets.join(', ')}, and no id of the hub (owner/name).`,
    {
      fix: near
        ? `Did you mean ${near}?`
        : `Correct ${kind}.name, or give a local copy with --set ${kind}.path=<path>.`,
    },
  );
}

function within(folder: string, { train, dev, test }: SplitFiles): SplitFiles {
  const absolute = (paths: string[]) => paths.map((path) => join(folder, path));
  return { train: absolute(train), dev: absolute(dev), test: absolute(test) };
}

async function namesInParquet(
  { train }: SplitFiles,
  columns: WantedColumns,
): Promise<readonly string[] | undefined> {
  return train[0]?.endsWith('.parquet') ? readLabelNames(train[0], columns) : undefined;
}

function labelNames(names: readonly string[] | undefined) {
  return names === undefined ? {} : { labelNames: names };
}
