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
import { describeFinding, type Validation, worstFirst } from './validation/checks.js';

/** Changes where the same input would give other splits: part of the cache's key. */
const VERSION = 2;

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
  validation: Validation;
}

/**
 * Writes train, dev and test splits as JSONL, `{"id", "text", "label"}` a line, to the folder that
 * `cacheDir` gives for the input's key; where that is there already, nothing is read but the
 * source's bytes. Texts are normalized (NFC); dev is held out from train, and `samplingRate` of the
 * rest is kept, both with the same share of every label. Memory does not grow with the files.
 *
 * @throws InputError naming file, row and what to do.
 */
export async function convertDataset(
  input: ConversionInput,
  cacheDir: (key: string) => string,
): Promise<{ folder: string; dataset: ConvertedDataset }> {
  const folder = cacheDir(await keyOf(input));
  await publishFolder(folder, async (temporary) => {
    const found = await survey(input.files, input.columns);
    refuseAccidents(found);
    const labels = numberLabels(found, input.labelNames);
    const urns = fillUrns(found, input);
    const splits = await writeSplits(input, labels, urns, temporary);
    const dataset: ConvertedDataset = {
      labels: labels.names,
      splits,
      sha256: createHash('sha256')
        .update(SPLITS.map((split) => splits[split].sha256).join('\n'))
        .digest('hex'),
      validation: validationOf(found),
    };
    await writeFileAtomic(join(temporary, RECORD), `${JSON.stringify(dataset, null, 2)}\n`);
  });
  const dataset = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as ConvertedDataset;
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

function refuseAccidents({ files, findings }: Survey): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new InputError(`The data look broken. ${errors.map(describeFinding).join(' ')}`, {
    where: files.join(', '),
    fix: 'Look at these rows, correct the files, and run the same command again.',
  });
}

function validationOf({ splits, findings }: Survey): Validation {
  const source = SPLITS.map((split) => {
    const { read, empty, labels } = splits[split];
    const counts = [...labels].map(([label, { rows }]) => [label, rows]);
    return [split, { rows: read, empty, labels: Object.fromEntries(counts) }];
  });
  return { version: 1, source: Object.fromEntries(source), findings: worstFirst(findings) };
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
        for await (const rows of readRows(path, columns)) {
          for (const row of rows) {
            const text = cleanText(row.text);
            if (text === '') continue;
            const label = row.label.trim();
            const ball = urns[source].get(label)?.draw();
            if (ball === undefined) throw changed(path);
            const id = row.id ?? `${source}-${index++}`;
            if (ball !== 'unused') writers[ball].add({ id, text, label: ids.get(label)! });
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

function changed(path: string): InputError {
  return new InputError('The file changed while it was being read.', {
    where: path,
    fix: 'Run the same command again when it is complete.',
  });
}
