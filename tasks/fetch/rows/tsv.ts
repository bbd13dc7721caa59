import { InputError } from '../../pipeline/errors.js';
import { findColumns, otherColumns, type WantedColumns } from './columns.js';
import { type OnMalformed, type Row, refuseMalformed } from './row.js';
import { readLines } from './utf8.js';

/**
 * Rows of a tab-separated file whose first line names the columns. As in NSMC nothing is quoted: a
 * quotation mark is part of the text, and a text holds neither tab nor line break.
 *
 * @param onMalformed is told of a line that has more or fewer columns than the first, or is not UTF-8
 * @throws InputError
 */
export async function* readTsv(
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<Row[]> {
  let header: string[] | undefined;
  let at = { text: 0, label: 0, id: -1 };
  for await (const { first, lines } of readLines(path, onMalformed)) {
    const rows: Row[] = [];
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const cells = line.split('\t');
      if (header === undefined) {
        header = cells;
        const columns = findColumns(header, wanted, path);
        at = {
          text: header.indexOf(columns.text),
          label: columns.label === undefined ? -1 : header.indexOf(columns.label),
          id: columns.id === undefined ? -1 : header.indexOf(columns.id),
        };
        continue;
      }
      const number = first + index;
      if (cells.length !== header.length) {
        onMalformed(
          new InputError(otherColumns(cells, header), {
            where: `${path}:${number}`,
            fix: 'Columns are separated by one tab; a text must not hold a tab or a line break. For quoted texts use CSV.',
          }),
          number,
        );
        continue;
      }
      rows.push({
        number,
        text: cells[at.text]!,
        label: cells[at.label] ?? '',
        ...(at.id >= 0 && { id: cells[at.id]! }),
      });
    }
    yield rows;
  }
}
