import { InputError } from '../pipeline/errors.js';
import { formatOf } from './rows/rows.js';
import { SPLITS, type SplitFiles, type SplitName } from './survey.js';

/** Words in a file's path that say which split it belongs to. */
const WORDS: Record<SplitName, readonly string[]> = {
  train: ['train', 'training'],
  dev: ['dev', 'validation', 'valid', 'val'],
  test: ['test', 'testing', 'eval'],
};

/** What is wanted of the data sets that a folder or repository holds. */
export interface WantedSplits {
  /** @default the only one, or `default` */
  subset?: string | null;
  /** Names of the splits as the files call them; none: by the usual words. */
  train?: string | null;
  dev?: string | null;
  test?: string | null;
}

/**
 * Sorts the files of a folder or hub repository into splits by the words in their paths:
 * `ratings_train.txt`, `data/train-00000-of-00002.parquet`, `default/test/0000.parquet`. Where the
 * same data lie there in several formats, parquet is taken before JSONL, CSV and TSV.
 *
 * @param paths relative to the folder, with forward slashes
 * @throws InputError where there is nothing to train on, several subsets to choose from, or none of
 *   a name that is asked for.
 */
export function findSplits(
  paths: readonly string[],
  where: string,
  wanted: WantedSplits = {},
): SplitFiles {
  for (const formats of [['parquet'], ['jsonl', 'ndjson'], ['csv'], ['tsv', 'txt']]) {
    const files = paths.filter((path) => formats.includes(formatOf(path) ?? '')).sort();
    const splits = sortIntoSplits(files, wanted);
    if (splits.train.length === 0) continue;
    const chosen = chooseSubset(splits, wanted.subset ?? null, where);
    for (const split of SPLITS) {
      if (wanted[split] && chosen[split].length === 0) {
        throw missing(`dataset.${split}_split "${wanted[split]}"`, files, where);
      }
    }
    return chosen;
  }
  throw missing(`the split "${wanted.train ?? 'train'}"`, paths, where);
}

function missing(what: string, files: readonly string[], where: string): InputError {
  const there = files.length === 0 ? 'are no files' : `are ${files.slice(0, 10).join(', ')}`;
  return new InputError(`No file named after ${what}. There ${there}.`, {
    where,
    fix: 'Name the files train.tsv and test.tsv (or .csv, .jsonl, .parquet), or say what they are called: --set dataset.train_split=<name>, dataset.test_split. One file alone is split.',
  });
}

/** A split that is asked for by name takes its files before the usual words do. */
function sortIntoSplits(files: readonly string[], wanted: WantedSplits): SplitFiles {
  const splits: SplitFiles = { train: [], dev: [], test: [] };
  const named = SPLITS.filter((split) => wanted[split]);
  for (const path of files) {
    const byName = named.find((split) => isNamed(path, wanted[split]!));
    const split = byName ?? splitOf(path);
    if (split && (byName || !wanted[split])) splits[split].push(path);
  }
  return splits;
}

/** Whether the name stands in the path as a word of its own. */
function isNamed(path: string, name: string): boolean {
  const escaped = name.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[^\\p{L}\\d])${escaped}([^\\p{L}\\d]|$)`, 'u').test(path.toLowerCase());
}

function splitOf(path: string): SplitName | undefined {
  const words = path.toLowerCase().split(/[^a-z]+/);
  // The file's own name counts more than its folders'.
  for (const word of words.reverse()) {
    for (const split of SPLITS) {
      if (WORDS[split].includes(word)) return split;
    }
  }
  return undefined;
}

/** A hub repository may hold several subsets, a folder each; `default` is the one to take. */
function chooseSubset(splits: SplitFiles, wanted: string | null, where: string): SplitFiles {
  const subsets = [...new Set(splits.train.map(subsetOf))];
  const chosen = wanted ?? (subsets.length === 1 ? subsets[0]! : 'default');
  if (subsets.includes(chosen)) {
    const of = (files: string[]) =>
      subsets.length === 1 ? files : files.filter((path) => subsetOf(path) === chosen);
    return { train: of(splits.train), dev: of(splits.dev), test: of(splits.test) };
  }
  const names = subsets.map((name) => name || '(none)').join(', ');
  throw new InputError(
    wanted === null
      ? `There are several subsets: ${names}.`
      : `There is no subset "${wanted}". There ${subsets.length === 1 ? 'is' : 'are'} ${names}.`,
    { where, fix: 'Choose one of them: --set dataset.subset=<name>.' },
  );
}

/** The outermost folder that is not named after a split; empty: none. */
function subsetOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.find((part) => !splitOf(part)) ?? '';
}
