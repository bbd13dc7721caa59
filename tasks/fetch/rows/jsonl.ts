import { InputError } from '../../pipeline/errors.js';
import { type Columns, findColumns, type WantedColumns } from './columns.js';
import {
  asLabel,
  asText,
  type OnMalformed,
  type Row,
  refuseMalformed,
  unlessMalformed,
} from './row.js';
import { readLines } from './utf8.js';

/**
 * Rows of a file with one JSON object a line. The first one's keys say what the columns are called.
 *
 * @param onMalformed is told of a line that is not such an object, or has no text where one should be
 * @throws InputError
 */
export async function* readJsonl(
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<Row[]> {
  let columns: Columns | undefined;
  for await (const { first, lines } of readLines(path, onMalformed)) {
    const rows: Row[] = [];
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const number = first + index;
      const where = `${path}:${number}`;
      const record = unlessMalformed(() => parseObject(line, where), number, onMalformed);
      if (!record) continue;
      columns ??= findColumns(Object.keys(record), wanted, path);
      const of = columns;
      const row = unlessMalformed(() => toRow(record, of, where), number, onMalformed);
      if (row) rows.push({ number, ...row });
    }
    yield rows;
  }
}

function toRow(
  record: Record<string, unknown>,
  columns: Columns,
  where: string,
): Omit<Row, 'number'> {
  const text = asText(record[columns.text], columns.text, where);
  const label =
    columns.label === undefined ? '' : asLabel(record[columns.label], columns.label, where);
  const id = columns.id === undefined ? undefined : record[columns.id];
  return { text, label, ...(id != null && { id: String(id) }) };
}

function parseObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new InputError(`Not JSON: ${(error as Error).message}`, {
      where,
      fix: 'A JSONL file has one JSON object a line.',
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new InputError(`${JSON.stringify(value).slice(0, 40)} where an object was expected.`, {
    where,
    fix: 'A JSONL file has one JSON object a line.',
  });
}
