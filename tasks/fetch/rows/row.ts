import { InputError } from '../../pipeline/errors.js';

/** A row as its file has it; nothing is normalized yet. */
export interface Row {
  /** Line of a text file, row of a parquet file; from 1. */
  number: number;
  text: string;
  label: string;
  id?: string;
}

/**
 * Is told of a row that is not as its file promises, and skips it by returning.
 *
 * @param number as a `Row` has it
 */
export type OnMalformed = (problem: InputError, number: number) => void;

/** The first such row is the end. */
export const refuseMalformed: OnMalformed = (problem) => {
  throw problem;
};

/** What `read` makes of a row; undefined where it cannot, and the row is skipped. */
export function unlessMalformed<T>(
  read: () => T,
  number: number,
  onMalformed: OnMalformed,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    onMalformed(error, number);
    return undefined;
  }
}

/** A text in a typed file; missing: an empty one. */
export function asText(value: unknown, column: string, where: string): string {
  if (value == null) return '';
  if (typeof value === 'string') return value;
  throw new InputError(`"${column}" is ${String(value).slice(0, 40)}, not a text.`, {
    where,
    fix: 'Name the column of the texts: --set dataset.text_column=<name>.',
  });
}

/** A label in a typed file: a text, an integer or a boolean; missing: an empty one. */
export function asLabel(value: unknown, column: string, where: string): string {
  if (value == null) return '';
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  throw new InputError(`"${column}" is neither a text nor an integer.`, {
    where,
    fix: 'Name the column of the labels: --set dataset.label_column=<name>.',
  });
}

/** Where a row stands, for messages. */
export function locate(path: string, number: number): string {
  return path.endsWith('.parquet') ? `${path}, row ${number}` : `${path}:${number}`;
}
