import { dirname, relative, sep } from 'node:path';
import { InputError } from '../pipeline/errors.js';
import { refuseTooMany, setAsideUnknown } from './labels.js';
import type { WantedColumns } from './rows/columns.js';
import { locate } from './rows/row.js';
import { readRows } from './rows/rows.js';
import { describeFinding, type Observation, Tally } from './validation/checks.js';
import { checkBalance } from './validation/imbalance.js';
import { MalformedRows } from './validation/malformed.js';
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
  /** Rows left out because they are not as the file promises, or have no text, or no label. */
  malformed: number;
  empty: number;
  unlabeled: number;
  /** Rows kept of each label, and where the first of them are. */
  labels: Map<string, Tally>;
}

/** A text as the splits have it: composed Hangul (NFC), no space around. Empty: the row is dropped. */
export function cleanText(text: string): string {
  return text.normalize('NFC').trim();
}

/**
 * Counts rows and labels of every split. Memory does not grow with the files.
 *
 * @param labelNames of the labels 0, 1, …, where they are known
 * @throws InputError naming the file that cannot be read, or the split that is empty.
 */
export async function survey(
  files: SplitFiles,
  columns: WantedColumns,
  labelNames?: readonly string[],
): Promise<Survey> {
  const splits = { train: emptySurvey(), dev: emptySurvey(), test: emptySurvey() };
  const checks = new TextChecks();
  const malformed = new MalformedRows();
  const all = SPLITS.flatMap((split) => files[split]);
  const shown = commonFolder(all);
  for (const split of SPLITS) {
    for (const path of files[split]) {
      const name = relative(shown, path);
      await surveyFile({ path, name, columns }, splits[split], {
        onRow: (row) => checks.add({ ...row, split }),
        onMalformed: (problem, number) => malformed.add(problem, () => locate(name, number)),
      });
    }
  }
  setAsideUnknown(splits, labelNames, malformed);
  const rows = SPLITS.reduce((sum, split) => sum + splits[split].read, 0);
  const unreadable = malformed.observations(rows);
  for (const split of SPLITS) refuseEmpty(splits[split], files[split], unreadable);
  return {
    files: all,
    splits,
    observations: [...unreadable, ...checks.observations(), ...checkBalance(splits.train.labels)],
  };
}

/** The innermost folder that all files are in: below it their names tell them apart. */
function commonFolder([first, ...others]: readonly string[]): string {
  let folder = dirname(first!);
  while (others.some((path) => !path.startsWith(folder + sep))) folder = dirname(folder);
  return folder;
}

function emptySurvey(): SplitSurvey {
  return { read: 0, malformed: 0, empty: 0, unlabeled: 0, labels: new Map() };
}

async function surveyFile(
  { path, name, columns }: { path: string; name: string; columns: WantedColumns },
  found: SplitSurvey,
  {
    onRow,
    onMalformed,
  }: {
    onRow: (row: Omit<CheckedRow, 'split'>) => void;
    onMalformed: (problem: InputError, number: number) => void;
  },
): Promise<void> {
  const readable = readRows(path, columns, (problem, number) => {
    found.read++;
    found.malformed++;
    onMalformed(problem, number);
  });
  for await (const rows of readable) {
    found.read += rows.length;
    for (const row of rows) {
      const text = cleanText(row.text);
      const label = row.label.trim();
      const where = () => locate(name, row.number);
      onRow({ raw: row.text, text, label, where });
      if (text === '') {
        found.empty++;
        continue;
      }
      if (label === '') {
        found.unlabeled++;
        continue;
      }
      let entry = found.labels.get(label);
      if (!entry) {
        entry = new Tally(10);
        found.labels.set(label, entry);
        refuseTooMany(found.labels, path);
      }
      entry.add(where);
    }
  }
}

function refuseEmpty(
  { read, labels }: SplitSurvey,
  files: readonly string[],
  malformed: readonly Observation[],
): void {
  if (files.length === 0 || labels.size > 0) return;
  const [why] = malformed.map(describeFinding);
  const without = why ? `. ${why}` : `: all ${read} rows are without a text or a label.`;
  throw new InputError(`No texts${read > 0 ? without : '.'}`, {
    where: files.join(', '),
    fix: 'Check the file, or name another with --set dataset.path=<file or folder>.',
  });
}
