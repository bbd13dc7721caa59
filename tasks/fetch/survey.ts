import { InputError } from '../pipeline/errors.js';
import type { WantedColumns } from './rows/columns.js';
import { locate } from './rows/row.js';
import { readRows } from './rows/rows.js';

export const SPLITS = ['train', 'dev', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

/** Files of each split; no dev or test files: they are drawn from train. */
export type SplitFiles = Record<SplitName, string[]>;

/** What a first pass over the files finds; the second one writes the splits. */
export interface Survey {
  files: string[];
  splits: Record<SplitName, SplitSurvey>;
}

export interface SplitSurvey {
  /** Rows read, the dropped ones too. */
  read: number;
  /** Rows without a text. */
  empty: number;
  /** Rows kept of each label, and where it first occurs. */
  labels: Map<string, { rows: number; first: string }>;
}

/** A text as the splits have it: composed Hangul (NFC), no space around. Empty: the row is dropped. */
export function cleanText(text: string): string {
  return text.normalize('NFC').trim();
}

/**
 * Counts rows and labels of every split. Memory does not grow with the files.
 *
 * @throws InputError naming the row that cannot be used, or the split that is empty.
 */
export async function survey(files: SplitFiles, columns: WantedColumns): Promise<Survey> {
  const splits = { train: emptySurvey(), dev: emptySurvey(), test: emptySurvey() };
  for (const split of SPLITS) {
    for (const path of files[split]) await surveyFile(path, columns, splits[split]);
    const { read, labels } = splits[split];
    if (files[split].length > 0 && labels.size === 0) {
      throw new InputError(`No texts${read > 0 ? `: all ${read} rows are empty` : ''}.`, {
        where: files[split].join(', '),
        fix: 'Check the file, or name another with --set dataset.path=<file or folder>.',
      });
    }
  }
  return { files: SPLITS.flatMap((split) => files[split]), splits };
}

function emptySurvey(): SplitSurvey {
  return { read: 0, empty: 0, labels: new Map() };
}

async function surveyFile(path: string, columns: WantedColumns, found: SplitSurvey): Promise<void> {
  for await (const rows of readRows(path, columns)) {
    found.read += rows.length;
    for (const row of rows) {
      if (cleanText(row.text) === '') {
        found.empty++;
        continue;
      }
      const label = row.label.trim();
      if (label === '') {
        throw new InputError('The row has a text but no label.', {
          where: locate(path, row),
          fix: 'Add the label, or remove the row.',
        });
      }
      const entry = found.labels.get(label);
      if (entry) entry.rows++;
      else found.labels.set(label, { rows: 1, first: locate(path, row) });
    }
  }
}
