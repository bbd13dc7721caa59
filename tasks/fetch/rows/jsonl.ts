import { InputError } from '../../pipeline/errors.js';
import { type Columns, findColumns, type WantedColumns } from './columns.js';
import { asLabel, asText, type Row } from './row.js';
import { readLines } from './utf8.js';

/**
 * Rows of a file with one JSON object a line. The first one's keys say what the columns are called.
 *
 * @throws InputError naming the line that is not such an object.
 */
export async function* readJsonl(path: string, wanted: WantedColumns): AsyncGenerator<Row[]> {
  let columns: Columns | undefined;
  for await (const { first, lines } of readLines(path)) {
    const rows: Row[] = [];
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const number = first + index;
      const where = `${path}:${number}`;
      const record = parseObject(line, where);
      columns ??= findColumns(Object.keys(record), wanted, path);
      const text = asText(record[columns.text], columns.text, where);
      const label =
        columns.label === undefined ? '' : asLabel(record[columns.label], columns.label, where);
      const id = columns.id === undefined ? undefined : record[columns.id];
      rows.push({ number, text, label, ...(id != null && { id: String(id) }) });
    }
    yield rows;
  }
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
