import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { distance } from 'fastest-levenshtein';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { InputError } from '../pipeline/errors.js';
import { DATASETS, type DatasetPreset } from './dataset-presets.js';
import { fetchSnapshot } from './downloads.js';
import { GENERATED, generateDataset } from './generated.js';
import type { HubSettings } from './hub/settings.js';
import type { Snapshot } from './hub/snapshot.js';
import type { WantedColumns } from './rows/columns.js';
import { readLabelNames } from './rows/parquet.js';
import { findSplits, type WantedSplits } from './split-files.js';
import type { SplitFiles } from './survey.js';

/** Where labeled texts come from, and the files that hold them. */
export interface DataSource {
  name: string;
  /** Commit on the hub, `local`, or the generator's. */
  revision: string;
  files: SplitFiles;
  columns: WantedColumns;
  labelNames?: readonly string[];
  /** As MLflow records where a data set comes from: type, and JSON of a form that depends on it. */
  origin: { type: 'hugging_face' | 'local'; source: string };
}

/** What the configuration asks for, and the preset says where it does not. */
interface Wanted {
  columns: WantedColumns;
  splits: WantedSplits;
  labelNames: readonly string[] | undefined;
}

/** The configured data set's files on this machine: local, generated, or downloaded. */
export async function findSource(
  { dataset }: Config,
  settings: HubSettings,
  context: StageContext,
): Promise<DataSource> {
  const { name, path } = dataset;
  const preset = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (path !== null) return localSource(name, path, wantedOf(dataset, preset));
  if (Object.hasOwn(GENERATED, name)) return generatedSource(name, context);
  if (!preset && !name.includes('/')) {
    throw unknownName('dataset', name, [...Object.keys(GENERATED), ...Object.keys(DATASETS)]);
  }
  return hubSource(dataset, preset, settings, context);
}

function wantedOf(dataset: Config['dataset'], preset: DatasetPreset | undefined): Wanted {
  return {
    columns: {
      text: dataset.text_column ?? preset?.text ?? null,
      label: dataset.label_column ?? preset?.label ?? null,
    },
    splits: {
      subset: dataset.subset ?? preset?.subset ?? null,
      train: dataset.train_split,
      dev: dataset.dev_split,
      test: dataset.test_split ?? preset?.testSplit ?? null,
    },
    // The preset names the labels of its own column.
    labelNames: dataset.label_column === null ? preset?.labelNames : undefined,
  };
}

async function localSource(name: string, given: string, wanted: Wanted): Promise<DataSource> {
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
    ? await splitsOfFolder(path, wanted.splits)
    : { train: [path], dev: [], test: [] };
  return {
    name,
    revision: 'local',
    files,
    columns: wanted.columns,
    ...(await labelNames(wanted, files)),
    origin: { type: 'local', source: JSON.stringify({ uri: path }) },
  };
}

async function splitsOfFolder(folder: string, wanted: WantedSplits): Promise<SplitFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return within(folder, findSplits(paths, folder, wanted));
}

async function generatedSource(name: string, context: StageContext): Promise<DataSource> {
  const { revision, labelNames } = GENERATED[name]!;
  const folder = await generateDataset(name, context);
  return {
    name,
    revision,
    files: within(folder, { train: ['train.jsonl'], dev: [], test: ['test.jsonl'] }),
    columns: { text: null, label: null },
    labelNames,
    origin: { type: 'local', source: JSON.stringify({ uri: folder }) },
  };
}

async function hubSource(
  dataset: Config['dataset'],
  preset: DatasetPreset | undefined,
  settings: HubSettings,
  context: StageContext,
): Promise<DataSource> {
  const name = preset?.repository ?? dataset.name;
  const wanted = wantedOf(dataset, preset);
  const select = (paths: readonly string[], where: string) =>
    findSplits(paths, where, wanted.splits);
  const at = (revision: string) =>
    fetchSnapshot(
      { type: 'dataset', name, revision },
      (paths) => Object.values(select(paths, `${name}, revision ${revision}`)).flat(),
      settings,
      context,
    );
  const asked = dataset.revision ?? preset?.revision;
  // Where a repository has no files of rows, the hub often has it converted.
  const found: Snapshot = asked
    ? await at(asked)
    : await at('main').catch((error: unknown) =>
        at('refs/convert/parquet').catch(() => {
          throw error;
        }),
      );
  const files = within(found.folder, select(found.files, found.folder));
  return {
    name: dataset.name,
    revision: found.commit,
    files,
    columns: wanted.columns,
    ...(await labelNames(wanted, files)),
    origin: {
      type: 'hugging_face',
      source: JSON.stringify({ path: name, revision: found.commit }),
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

/** Of the preset, else as a parquet file has them. */
async function labelNames(
  { labelNames, columns }: Wanted,
  { train }: SplitFiles,
): Promise<{ labelNames?: readonly string[] }> {
  if (labelNames) return { labelNames };
  const names = train[0]?.endsWith('.parquet')
    ? await readLabelNames(train[0], columns)
    : undefined;
  return names ? { labelNames: names } : {};
}
