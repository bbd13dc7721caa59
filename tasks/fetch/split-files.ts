import { InputError } from '../pipeline/errors.js';
import { formatOf } from './rows/rows.js';
import type { SplitFiles, SplitName } from './survey.js';

/** Words in a file's path that say which split it belongs to. */
const WORDS: Record<SplitName, readonly string[]> = {
  train: ['train', 'training'],
  dev: ['dev', 'validation', 'valid', 'val'],
  test: ['test', 'testing', 'eval'],
};

/**
 * Sorts the files of a folder or hub repository into splits by the words in their paths:
 * `ratings_train.txt`, `data/train-00000-of-00002.parquet`, `default/test/0000.parquet`. Where the
 * same data lie there in several formats, parquet is taken before JSONL, CSV and TSV.
 *
 * @param paths relative to the folder, with forward slashes
 * @throws InputError where there is nothing to train on, or several subsets to choose from.
 */
export function findSplits(paths: readonly string[], where: string): SplitFiles {
  for (const formats of [['parquet'], ['jsonl', 'ndjson'], ['csv'], ['tsv', 'txt']]) {
    const files = paths.filter((path) => formats.includes(formatOf(path) ?? '')).sort();
    const splits = {
      train: files.filter((path) => splitOf(path) === 'train'),
      dev: files.filter((path) => splitOf(path) === 'dev'),
      test: files.filter((path) => splitOf(path) === 'test'),
    };
    if (splits.train.length === 0) continue;
    return oneSubset(splits, where);
  }
  throw new InputError(
    `No training texts: no file named after the split "train". There ${paths.length === 0 ? 'are no files' : `are ${paths.slice(0, 10).join(', ')}`}.`,
    {
      where,
      fix: 'Name the files train.tsv and test.tsv (or .csv, .jsonl, .parquet), or give one file, which is then split.',
    },
  );
}

function splitOf(path: string): SplitName | undefined {
  const words = path.toLowerCase().split(/[^a-z]+/);
  // The file's own name counts more than its folders'.
  for (const word of words.reverse()) {
    for (const split of ['train', 'dev', 'test'] as const) {
      if (WORDS[split].includes(word)) return split;
    }
  }
  return undefined;
}

/** A hub repository may hold several subsets, a folder each; `default` is the one to take. */
function oneSubset(splits: SplitFiles, where: string): SplitFiles {
  const subsetOf = (path: string) =>
    path
      .split('/')
      .slice(0, -1)
      .find((part) => !splitOf(part));
  const subsets = [...new Set(splits.train.map((path) => subsetOf(path) ?? ''))];
  if (subsets.length === 1) return splits;
  if (!subsets.includes('default')) {
    throw new InputError(`There are several subsets: ${subsets.join(', ')}.`, {
      where,
      fix: 'Download the one you want and name its folder: --set dataset.path=<folder>.',
    });
  }
  const ofDefault = (files: string[]) => files.filter((path) => subsetOf(path) === 'default');
  return {
    train: ofDefault(splits.train),
    dev: ofDefault(splits.dev),
    test: ofDefault(splits.test),
  };
}
