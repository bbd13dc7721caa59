import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { publishFolder } from '../cache/folder.js';
import { InputError } from '../pipeline/errors.js';
import { writeFileAtomic } from '../pipeline/files.js';
import { sha256File } from '../pipeline/manifest.js';
import { type Labels, numberLabels } from './labels.js';
import { Random } from './random.js';
import type { WantedColumns } from './rows/columns.js';
import { readRows } from './rows/rows.js';
import { SplitWriter } from './split-writer.js';
import {
  cleanText,
  SPLITS,
  type SplitFiles,
  type SplitName,
  type Survey,
  survey,
} from './survey.js';
import { Urn } from './urn.js';
import type { Observation } from './validation/checks.js';
import { type Profile, Profiler } from './validation/profile.js';

/** Changes where the same input would give other splits: part of the cache's key. */
const VERSION = 4;

/** Share of the texts that make the test split where the source has none. */
const TEST_FRACTION = 0.2;

/** Describes the splits in their folder; written last. */
const RECORD = 'dataset.json';

/** What is converted: files of any format, and how to draw from them. */
export interface ConversionInput {
  files: SplitFiles;
  columns: WantedColumns;
  /** Names of the labels 0, 1, …, where they are known. */
  labelNames?: readonly string[];
  samplingRate: number;
  devFraction: number;
  seed: number;
}

/** What a folder of converted splits holds, beside `train.jsonl`, `dev.jsonl` and `test.jsonl`. */
export interface ConvertedDataset {
  labels: string[];
  splits: Record<SplitName, { sha256: string; rows: number }>;
  /** Of the three splits' sums: what names these data. */
  sha256: string;
  source: SourceReport;
  /** Of the train split. */
  profile: Profile;
}

/** What was read of the source's files. */
export interface SourceReport {
  splits: Record<SplitName, SourceSplit>;
  observations: Observation[];
}

export interface SourceSplit {
  /** Rows read, those left out too. */
  rows: number;
  /** Left out because they are not as their file promises, or have no text, or no label. */
  malformed: number;
  empty: number;
  unlabeled: number;
  /** Rows of each label, as the files have them. */
  labels: Record<string, number>;
}

/**
 * Writes train, dev and test splits as JSONL, `{"id", "text", "label"}` a line, to the folder that
 * `cacheDir` gives for the input's key; where that is there already, nothing is read but the
 * source's bytes. Texts are normalized (NFC); dev is held out from train, and `samplingRate` of the
 * rest is kept, both with the same share of every label. Memory does not grow with the files.
 *
 * @param review is told what was read, before anything is converted; it throws to stop
 * @throws InputError naming file, row and what to do.
 */
export async function convertDataset(
  input: ConversionInput,
  cacheDir: (key: string) => Promise<string>,
  review: (source: SourceReport) => void | Promise<void>,
): Promise<{ folder: string; dataset: ConvertedDataset }> {
  const folder = await cacheDir(await keyOf(input));
  let isReviewed = false;
  await publishFolder(folder, async (temporary) => {
    const found = await survey(input.files, input.columns, input.labelNames);
    const source = reportOf(found);
    await review(source);
    isReviewed = true;
    const labels = numberLabels(found, input.labelNames);
    const urns = fillUrns(found, input);
    const profiler = new Profiler(labels.names);
    const splits = await writeSplits(input, labels, urns, profiler, temporary);
    const dataset: ConvertedDataset = {
      labels: labels.names,
      splits,
      sha256: createHash('sha256')
        .update(SPLITS.map((split) => splits[split].sha256).join('\n'))
        .digest('hex'),
      source,
      profile: profiler.profile(),
    };
    await writeFileAtomic(join(temporary, RECORD), `${JSON.stringify(dataset, null, 2)}\n`);
  });
  const dataset = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as ConvertedDataset;
  if (!isReviewed) await review(dataset.source);
  return { folder, dataset };
}

async function keyOf({ files, ...options }: ConversionInput): Promise<string> {
  const sums = await Promise.all(
    SPLITS.flatMap((split) =>
      files[split].map(async (path) => [split, basename(path), await sha256File(path)]),
    ),
  );
  const key = JSON.stringify({ VERSION, sums, options });
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function reportOf({ splits, observations }: Survey): SourceReport {
  const of = (split: SplitName): SourceSplit => {
    const { read, malformed, empty, unlabeled, labels } = splits[split];
    const counts = [...labels].map(([label, { rows }]) => [label, rows]);
    return { rows: read, malformed, empty, unlabeled, labels: Object.fromEntries(counts) };
  };
  return { splits: { train: of('train'), dev: of('dev'), test: of('test') }, observations };
}

type Ball = SplitName | 'unused';
type Urns = Record<SplitName, Map<string, Urn<Ball>>>;

/** For each split of the source and each label, how many of its rows go where. */
function fillUrns({ splits, files }: Survey, input: ConversionInput): Urns {
  const random = new Random(input.seed);
  const whole = (split: 'dev' | 'test') =>
    new Map(
      [...splits[split].labels].map(([label, { rows }]) => [
        label,
        new Urn<Ball>({ train: 0, dev: 0, test: 0, unused: 0, [split]: rows }, random),
      ]),
    );
  const drawn = [...splits.train.labels].map(([label, { rows }]): [string, Urn<Ball>] => {
    const test = splits.test.labels.size > 0 ? 0 : Math.max(1, Math.round(rows * TEST_FRACTION));
    const sampled = Math.round((rows - test) * input.samplingRate);
    const dev =
      splits.dev.labels.size > 0 ? 0 : Math.max(1, Math.round(sampled * input.devFraction));
    const train = sampled - dev;
    if (train < 1) {
      throw new InputError(
        `Of the ${rows} texts labeled "${label}" none is left to train on (sampling_rate ${input.samplingRate}, ${test} for test, ${dev} for dev).`,
        { where: files[0]!, fix: 'Raise dataset.sampling_rate, or add texts with that label.' },
      );
    }
    return [label, new Urn<Ball>({ train, dev, test, unused: rows - test - sampled }, random)];
  });
  return { train: new Map(drawn), dev: whole('dev'), test: whole('test') };
}

async function writeSplits(
  { files, columns }: ConversionInput,
  { ids }: Labels,
  urns: Urns,
  profiler: Profiler,
  folder: string,
): Promise<ConvertedDataset['splits']> {
  const writers = {
    train: await SplitWriter.open(join(folder, 'train.jsonl')),
    dev: await SplitWriter.open(join(folder, 'dev.jsonl')),
    test: await SplitWriter.open(join(folder, 'test.jsonl')),
  };
  try {
    for (const source of SPLITS) {
      let index = 0;
      for (const path of files[source]) {
        for await (const rows of readRows(path, columns, skip)) {
          for (const row of rows) {
            const text = cleanText(row.text);
            const label = row.label.trim();
            if (text === '' || label === '') continue;
            if (!ids.has(label)) continue; // counted as malformed
            const ball = urns[source].get(label)?.draw();
            if (ball === undefined) throw changed(path);
            const id = row.id ?? `${source}-${index++}`;
            if (ball === 'unused') continue;
            writers[ball].add({ id, text, label: ids.get(label)! });
            if (ball === 'train') profiler.add(text, ids.get(label)!);
          }
          for (const split of SPLITS) await writers[split].flush();
        }
      }
    }
    return {
      train: await writers.train.finish(),
      dev: await writers.dev.finish(),
      test: await writers.test.finish(),
    };
  } finally {
    for (const split of SPLITS) await writers[split].close();
  }
}

/** The survey has counted these rows, and the review let them pass. */
function skip(): void {}

function changed(path: string): InputError {
  return new InputError('The file changed while it was being read.', {
    where: path,
    fix: 'Run the same command again when it is complete.',
  });
}
