import { InputError } from '../../pipeline/errors.js';
import type { WantedColumns } from './columns.js';
import { readCsv } from './csv.js';
import { readJsonl } from './jsonl.js';
import { readParquet } from './parquet.js';
import { type OnMalformed, type Row, refuseMalformed } from './row.js';
import { readTsv } from './tsv.js';

type Reader = (
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed,
) => AsyncGenerator<Row[]>;

const READERS: Record<string, Reader> = {
  txt: readTsv,
  tsv: readTsv,
  csv: readCsv,
  jsonl: readJsonl,
  ndjson: readJsonl,
  parquet: readParquet,
};

/** `train.csv.gz` → `csv`; undefined for what no reader reads. */
export function formatOf(path: string): string | undefined {
  const extension = /\.(\w+?)(?:\.gz)?$/.exec(path.toLowerCase())?.[1];
  return extension !== undefined && extension in READERS ? extension : undefined;
}

/**
 * Reads a file of labeled texts by its format, many rows at a time: TSV, CSV, JSONL (each also
 * gzipped) and parquet. Memory does not grow with the file.
 *
 * @param onMalformed is told of rows that cannot be read; by default the first is thrown
 * @throws InputError naming file, line and what to do.
 */
export function readRows(
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<Row[]> {
  const format = formatOf(path);
  if (format === undefined) {
    throw new InputError('Not a file of labeled texts that ml4 reads.', {
      where: path,
      fix: `Use one of .${Object.keys(READERS).join(', .')}; TSV, CSV and JSONL may be gzipped (.gz).`,
    });
  }
  return READERS[format]!(path, wanted, onMalformed);
}
