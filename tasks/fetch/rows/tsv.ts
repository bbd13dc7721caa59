import { InputError } from '../../pipeline/errors.js';
import { findColumns, type WantedColumns } from './columns.js';
import type { Row } from './row.js';
import { readLines } from './utf8.js';

/**
 * Rows of a tab-separated file whose first line names the columns. As in NSMC nothing is quoted: a
 * quotation mark is part of the text, and a text holds neither tab nor line break.
 *
 * @throws InputError naming the line that has more or fewer columns than the first.
 */
export async function* readTsv(path: string, wanted: WantedColumns): AsyncGenerator<Row[]> {
  let header: string[] | undefined;
  let at = { text: 0, label: 0, id: -1 };
  for await (const { first, lines } of readLines(path)) {
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
        throw new InputError(
          `${cells.length} column${cells.length === 1 ? '' : 's'}, but the first line names ${header.length} (${header.join(', ')}).`,
          {
            where: `${path}:${number}`,
            fix: 'Columns are separated by one tab; a text must not hold a tab or a line break. For quoted texts use CSV.',
          },
        );
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
