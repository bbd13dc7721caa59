import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { InputError } from '../../pipeline/errors.js';
import { findColumns, otherColumns, type WantedColumns } from './columns.js';
import { type OnMalformed, type Row, refuseMalformed } from './row.js';
import { decodeUtf8 } from './utf8.js';

const BATCH = 1000;

/**
 * Rows of a comma-separated file (RFC 4180) whose first line names the columns. A row's number is
 * that of the line it ends at.
 *
 * @param onMalformed is told of a row with other columns than the first, or that is not UTF-8
 * @throws InputError, also where a quotation mark is not closed: nobody knows where that row ends.
 */
export async function* readCsv(
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<Row[]> {
  const parser = parse({ info: true, skip_empty_lines: true, relax_column_count: true });
  // The parser is ahead of the rows: what is not UTF-8 waits for the row that it is in.
  const undecoded: { problem: InputError; line: number }[] = [];
  const source = Readable.from(
    decodeUtf8(path, (problem, line) => undecoded.push({ problem, line })),
  );
  source.on('error', (error) => parser.destroy(error)).pipe(parser);
  let header: string[] | undefined;
  let at = { text: 0, label: -1, id: -1 };
  let rows: Row[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: Info;
    }>) {
      const number = info.lines;
      if (header === undefined) {
        header = record;
        at = indexesOf(header, wanted, path);
        continue;
      }
      const bad = undecoded.findIndex(({ line }) => line > number);
      const [first] = undecoded.splice(0, bad < 0 ? undecoded.length : bad);
      const problem = first?.problem ?? wrongLength(record, header, `${path}:${number}`);
      if (problem) {
        onMalformed(problem, number);
        continue;
      }
      rows.push({
        number,
        text: record[at.text]!,
        label: record[at.label] ?? '',
        ...(at.id >= 0 && { id: record[at.id]! }),
      });
      if (rows.length === BATCH) {
        yield rows;
        rows = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`${error.message}.`, {
      where: `${path}:${(error as CsvError & { lines?: number }).lines ?? 1}`,
      fix: QUOTING,
      cause: error,
    });
  } finally {
    source.destroy();
  }
  yield rows;
}

const QUOTING =
  'Texts with a comma, a quotation mark or a line break stand in "…", a quotation mark within as "".';

function indexesOf(header: string[], wanted: WantedColumns, path: string) {
  const { text, label, id } = findColumns(header, wanted, path);
  const indexOf = (name: string | undefined) => (name === undefined ? -1 : header.indexOf(name));
  return { text: indexOf(text), label: indexOf(label), id: indexOf(id) };
}

function wrongLength(cells: string[], header: string[], where: string): InputError | undefined {
  if (cells.length === header.length) return undefined;
  return new InputError(otherColumns(cells, header), { where, fix: QUOTING });
}
