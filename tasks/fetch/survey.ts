import { dirname, relative, sep } from 'node:path';
import { InputError } from '../pipeline/errors.js';
import type { WantedColumns } from './rows/columns.js';
import { locate } from './rows/row.js';
import { readRows } from './rows/rows.js';
import type { Observation } from './validation/checks.js';
import { checkBalance } from './validation/imbalance.js';
import { type CheckedRow, TextChecks } from './validation/text-checks.js';

export const SPLITS = ['train', 'dev', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

/** Files of each split; no dev or test files: they are drawn from train. */
export type SplitFiles = Record<SplitName, string[]>;

/** What a first pass over the files finds; the second one writes the splits. */
export interface Survey {
  files: string[];
  splits: Record<SplitName, SplitSurvey>;
  observations: Observation[];
}

export interface SplitSurvey {
  /** Rows read, the dropped ones too. */
  read: number;
  /** Rows left out because they have no text, or no label. */
  empty: number;
  unlabeled: number;
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
 * @throws InputError naming the row that cannot be read, or the split that is empty.
 */
export async function survey(files: SplitFiles, columns: WantedColumns): Promise<Survey> {
  const splits = { train: emptySurvey(), dev: emptySurvey(), test: emptySurvey() };
  const checks = new TextChecks();
  const all = SPLITS.flatMap((split) => files[split]);
  const shown = commonFolder(all);
  for (const split of SPLITS) {
    for (const path of files[split]) {
      const name = relative(shown, path);
      await surveyFile(path, name, columns, splits[split], (row) => checks.add({ ...row, split }));
    }
    const { read, labels } = splits[split];
    if (files[split].length > 0 && labels.size === 0) {
      throw new InputError(
        `No texts${read > 0 ? `: all ${read} rows are without a text or a label` : ''}.`,
        {
          where: files[split].join(', '),
          fix: 'Check the file, or name another with --set dataset.path=<file or folder>.',
        },
      );
    }
  }
  return {
    files: all,
    splits,
    observations: [...checks.observations(), ...checkBalance(splits.train.labels)],
  };
}

/** The innermost folder that all files are in: below it their names tell them apart. */
function commonFolder([first, ...others]: readonly string[]): string {
  let folder = dirname(first!);
  while (others.some((path) => !path.startsWith(folder + sep))) folder = dirname(folder);
  return folder;
}

function emptySurvey(): SplitSurvey {
  return { read: 0, empty: 0, unlabeled: 0, labels: new Map() };
}

async function surveyFile(
  path: string,
  name: string,
  columns: WantedColumns,
  found: SplitSurvey,
  check: (row: Omit<CheckedRow, 'split'>) => void,
): Promise<void> {
  for await (const rows of readRows(path, columns)) {
    found.read += rows.length;
    for (const row of rows) {
      const text = cleanText(row.text);
      const label = row.label.trim();
      check({ raw: row.text, text, label, where: () => locate(name, row) });
      if (text === '') {
        found.empty++;
        continue;
      }
      if (label === '') {
        found.unlabeled++;
        continue;
      }
      const entry = found.labels.get(label);
      if (entry) entry.rows++;
      else found.labels.set(label, { rows: 1, first: locate(path, row) });
    }
  }
}
