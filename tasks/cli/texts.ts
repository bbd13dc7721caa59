import { addAbortSignal } from 'node:stream';
import { countParquetRows } from '../fetch/rows/parquet.js';
import { formatOf, readRows } from '../fetch/rows/rows.js';
import { readLines } from '../fetch/rows/utf8.js';
import { InputError } from '../pipeline/errors.js';

/** A text to label. */
export interface TextRow {
  text: string;
  /** Present where the file has a column `id`. */
  id?: string;
}

/**
 * The texts of a CSV, TSV, JSONL or parquet file (the first three also gzipped), many at a time; of a
 * file with another ending each line is a text. Memory does not grow with the file.
 *
 * @param column the column of the texts; null: `text`, `document`, or the only one
 * @throws InputError naming file, line and what to do
 */
export async function* readTextRows(
  file: string,
  column: string | null = null,
): AsyncGenerator<TextRow[]> {
  if (isTable(file)) {
    for await (const rows of readRows(file, { text: column, label: null, labeled: false })) {
      yield rows.map(({ text, id }) => (id === undefined ? { text } : { id, text }));
    }
    return;
  }
  for await (const { lines } of readLines(file)) yield textsOf(lines);
}

/** The same without ids. */
export async function* readTexts(file: string): AsyncGenerator<string[]> {
  for await (const rows of readTextRows(file)) yield rows.map(({ text }) => text);
}

/** The lines that are not empty. */
function textsOf(lines: readonly string[]): TextRow[] {
  return lines.filter((line) => line.trim() !== '').map((text) => ({ text }));
}

/**
 * The texts of standard input: its lines, as they come.
 *
 * @throws the signal's reason, also while it waits for more
 */
export async function* readStdin(signal: AbortSignal): AsyncGenerator<TextRow[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  addAbortSignal(signal, process.stdin);
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      rest = lines.pop()!;
      yield textsOf(lines);
    }
    yield textsOf([rest + decoder.decode()]);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TypeError)) throw error;
    throw new InputError('Standard input is not UTF-8.', {
      fix: 'Convert it: … | iconv -f CP949 -t UTF-8 | ml4 predict',
      cause: error,
    });
  }
}

/** About how many texts a file has, for a progress bar: its rows, or its lines. */
export async function countTexts(file: string): Promise<number> {
  if (formatOf(file) === 'parquet') return countParquetRows(file);
  let count = 0;
  for await (const { lines } of readLines(file)) count += lines.length;
  return count;
}

/** `.txt` is a table for fetch, as in NSMC, and plain lines here. */
function isTable(file: string): boolean {
  const format = formatOf(file);
  return format !== undefined && format !== 'txt';
}
