import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../pipeline/errors.js';
import { type Split, verifyFile } from '../pipeline/manifest.js';

/** A labeled text. */
export interface Row {
  readonly id: string;
  readonly text: string;
  /** Index into the data set's label names. */
  readonly label: number;
}

/**
 * Reads a split that `ml4 fetch` left, all rows into memory.
 *
 * @param root the volume's folder
 * @param classes the number of labels
 * @throws InputError where the file is gone, changed, or a line is not such a row
 */
export async function readSplit(root: string, split: Split, classes: number): Promise<Row[]> {
  const path = join(root, split.path);
  await verifyFile(path, split.sha256);
  const lines = (await readFile(path, 'utf8')).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    const row = parse(line);
    if (isRow(row, classes)) return row;
    throw new InputError('A line is not {"id", "text", "label"} with a label of the data set.', {
      where: `${path}, line ${index + 1}`,
      fix: 'Run `ml4 fetch` again.',
    });
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRow(value: unknown, classes: number): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const { id, text, label } = value as Record<keyof Row, unknown>;
  return (
    typeof id === 'string' &&
    typeof text === 'string' &&
    Number.isInteger(label) &&
    (label as number) >= 0 &&
    (label as number) < classes
  );
}
