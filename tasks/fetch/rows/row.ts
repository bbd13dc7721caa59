import { InputError } from '../../pipeline/errors.js';

/** A row as its file has it; nothing is normalized yet. */
export interface Row {
  /** Line of a text file, row of a parquet file; from 1. */
  number: number;
  text: string;
  label: string;
  id?: string;
}

/** A label in a typed file: a text, an integer or a boolean. */
export function asLabel(value: unknown, column: string, where: string): string {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'number' && Number.isInteger(value)) return String(value);
  throw new InputError(
    `"${column}" is ${value == null ? 'missing' : 'neither a text nor an integer'}.`,
    { where, fix: 'Every row needs a label.' },
  );
}

/** Where a row stands, for messages. */
export function locate(path: string, { number }: Row): string {
  return path.endsWith('.parquet') ? `${path}, row ${number}` : `${path}:${number}`;
}
