import * as zlib from 'node:zlib';
import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { InputError } from '../../pipeline/errors.js';
import { findColumns, type WantedColumns } from './columns.js';
import {
  asLabel,
  asText,
  type OnMalformed,
  type Row,
  refuseMalformed,
  unlessMalformed,
} from './row.js';

/** Codecs beside snappy, which hyparquet has. Zstandard is in Node from 22.15 on. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...('zstdDecompressSync' in zlib && {
    ZSTD: (input: Uint8Array) => zlib.zstdDecompressSync(input),
  }),
};

/** The number of rows that a parquet file says it has. */
export async function countParquetRows(path: string): Promise<number> {
  return Number((await readMetadata(path)).num_rows);
}

/** Rows read at a time: what bounds memory where row groups are large. */
const BATCH = 100_000;

/**
 * Rows of a parquet file. A row's number counts from 1.
 *
 * @param onMalformed is told of a row with a cell of another type
 * @throws InputError, also where the file is not whole.
 */
export async function* readParquet(
  path: string,
  wanted: WantedColumns,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<Row[]> {
  const file = await asyncBufferFromFile(path);
  const metadata = await readMetadata(path);
  const { text, label, id } = findColumns(columnNames(metadata), wanted, path);
  const columns = [id, text, label].filter((column) => column !== undefined);
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += BATCH) {
    const rowEnd = Math.min(rowStart + BATCH, total);
    const records = await parquetReadObjects({
      file,
      metadata,
      columns,
      rowStart,
      rowEnd,
      compressors: COMPRESSORS,
    }).catch((error: unknown) => {
      throw broken(path, error);
    });
    const toRow = (record: Record<string, unknown>, number: number): Row => {
      const where = `${path}, row ${number}`;
      return {
        number,
        text: asText(record[text], text, where),
        label: label === undefined ? '' : asLabel(record[label], label, where),
        ...(id !== undefined && record[id] != null && { id: String(record[id]) }),
      };
    };
    yield records.flatMap((record, index) => {
      const number = rowStart + index + 1;
      return unlessMalformed(() => toRow(record, number), number, onMalformed) ?? [];
    });
  }
}

/**
 * Names of an integer label column's values, which Hugging Face's `datasets` writes into the file
 * (feature `ClassLabel`); undefined where there are none.
 */
export async function readLabelNames(
  path: string,
  wanted: WantedColumns,
): Promise<string[] | undefined> {
  const metadata = await readMetadata(path);
  const json = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (json === undefined) return undefined;
  const { label } = findColumns(columnNames(metadata), wanted, path);
  const { info } = JSON.parse(json) as HuggingFaceMetadata;
  const names = label === undefined ? undefined : info?.features?.[label]?.names;
  const isNames = Array.isArray(names) && names.every((name) => typeof name === 'string');
  return isNames ? names : undefined;
}

interface HuggingFaceMetadata {
  info?: { features?: Record<string, { names?: unknown }> };
}

function columnNames(metadata: FileMetaData): string[] {
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

async function readMetadata(path: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(await asyncBufferFromFile(path));
  } catch (error) {
    throw broken(path, error);
  }
}

function broken(path: string, error: unknown): InputError {
  return new InputError(`Not a whole parquet file: ${(error as Error).message}`, {
    where: path,
    fix: 'Copy or download it again.',
    cause: error,
  });
}
