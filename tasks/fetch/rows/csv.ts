import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { InputError } from '../../pipeline/errors.js';
import { type Columns, findColumns, type WantedColumns } from './columns.js';
import type { Row } from './row.js';
import { decodeUtf8 } from './utf8.js';

const BATCH = 1000;

/**
 * Rows of a comma-separated file (RFC 4180) whose first line names the columns. A row's number is
 * that of the line it ends at.
 *
 * @throws InputError naming the line of a row with other columns than the first, or of a quotation
 *   mark that is not closed.
 */
export async function* readCsv(path: string, wanted: WantedColumns): AsyncGenerator<Row[]> {
  let columns: Columns | undefined;
  const parser = parse({
    columns: (header: string[]) => {
      columns = findColumns(header, wanted, path);
      return header;
    },
    info: true,
    skip_empty_lines: true,
  });
  const source = Readable.from(decodeUtf8(path));
  source.on('error', (error) => parser.destroy(error)).pipe(parser);
  let rows: Row[] = [];
  try {
    for await (const entry of parser as AsyncIterable<{
      record: Record<string, string>;
      info: Info;
    }>) {
      const { record, info } = entry;
      const { text, label, id } = columns!;
      rows.push({
        number: info.lines,
        text: record[text]!,
        label: label === undefined ? '' : record[label]!,
        ...(id !== undefined && { id: record[id]! }),
      });
      if (rows.length === BATCH) {
        yield rows;
        rows = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(error.message, {
      where: `${path}:${(error as CsvError & { lines?: number }).lines ?? 1}`,
      fix: 'Texts with a comma, a quotation mark or a line break stand in "…", a quotation mark within as "".',
      cause: error,
    });
  } finally {
    source.destroy();
  }
  yield rows;
}
