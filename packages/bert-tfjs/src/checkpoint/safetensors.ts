import { writeAtomically } from './atomic-file.js';
import { CheckpointFile } from './checkpoint-file.js';
import { BYTES_PER_VALUE, type FloatFormat, toFloat32 } from './float-formats.js';
import { isJsonObject } from './json-file.js';
import { type NamedTensor, type StateDict, sizeOf } from './state-dict.js';

// The format: 8 bytes little-endian header length, a JSON header that gives each tensor's dtype,
// shape and [begin, end) within the rest of the file, then the tensors without holes or overlap.
// https://huggingface.co/docs/safetensors

/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** Integer buffers such as `position_ids` are part of no weight and are passed over. */
const SKIPPED_DTYPES: Record<string, number> = { I64: 8, I32: 4, U8: 1, BOOL: 1 };

interface Entry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads the F32, F16 and BF16 tensors of a safetensors file as float32. Their data stay in the file
 * until they are asked for.
 *
 * @throws CheckpointError when the file is missing, truncated, damaged, or holds another dtype.
 */
export function readSafetensors(path: string): Promise<StateDict> {
  return CheckpointFile.with(path, async (file) => {
    const { entries, dataStart } = readHeader(file);
    const weights: StateDict = new Map();
    for (const entry of entries) {
      if (Object.hasOwn(SKIPPED_DTYPES, entry.dtype)) continue;
      weights.set(entry.name, tensorIn(file, entry, dataStart));
    }
    return weights;
  });
}

/**
 * Writes tensors as F32 with the metadata `{format: 'pt'}` that transformers asks for. The same
 * weights always give the same bytes, and the file appears whole or not at all.
 *
 * @throws RangeError when a tensor's data does not fill its shape.
 */
export async function writeSafetensors(path: string, weights: StateDict): Promise<void> {
  const tensors = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, { shape }] of tensors) {
    const begin = end;
    end += sizeOf(shape) * BYTES_PER_VALUE.F32;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  // Spaces up to a multiple of 8 keep the tensors aligned for readers that map the file.
  const prefix = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  prefix.writeBigUInt64LE(BigInt(prefix.length - 8));
  json.copy(prefix, 8);
  await writeAtomically(path, async (file) => {
    await file.writeFile(prefix);
    for (const [name, tensor] of tensors) {
      const { shape, data } = tensor;
      if (sizeOf(shape) !== data.length) {
        throw new RangeError(`${name}: ${data.length} values do not fill the shape [${shape}]`);
      }
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  });
}

function readHeader(file: CheckpointFile): { entries: Entry[]; dataStart: number } {
  if (file.size < 8) throw file.error(`has ${file.size} bytes, too few for a safetensors header`);
  const length = Number(file.read(0, 8).readBigUInt64LE());
  if (length > MAX_HEADER_BYTES || length > file.size - 8) {
    throw file.error(`the header's length (${length} bytes) does not fit a file of ${file.size}`);
  }
  const bytes = file.read(8, length);
  const dataStart = 8 + length;
  const entries = parseEntries(file, parseJson(file, bytes));
  checkLayout(file, entries, file.size - dataStart);
  return { entries, dataStart };
}

function parseJson(file: CheckpointFile, bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw file.error('the header is not JSON');
  }
  if (!isJsonObject(header)) throw file.error('the header is not a JSON object');
  return header;
}

function parseEntries(file: CheckpointFile, header: Record<string, unknown>): Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    if (!isJsonObject(value)) throw file.error(`tensor ${name}: its header entry is not an object`);
    const { dtype, shape, data_offsets: offsets } = value;
    if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets)) {
      throw file.error(`tensor ${name}: dtype, shape or data_offsets are malformed`);
    }
    const [begin, end] = offsets;
    if (offsets.length !== 2 || begin === undefined || end === undefined || begin > end) {
      throw file.error(`tensor ${name}: data_offsets [${offsets}] are not a range`);
    }
    entries.push({ name, dtype, shape, begin, end });
  }
  return entries;
}

/** The tensors must cover the data exactly, each with as many bytes as its shape asks for. */
function checkLayout(file: CheckpointFile, entries: Entry[], dataSize: number): void {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    const width = isFloatFormat(dtype) ? BYTES_PER_VALUE[dtype] : SKIPPED_DTYPES[dtype];
    if (width === undefined) {
      throw file.error(
        `tensor ${name} has dtype ${dtype}`,
        'Save the model as F32, F16 or BF16 (quantized weights cannot be fine-tuned).',
      );
    }
    if (begin !== expected) {
      const fault = begin < expected ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw file.error(`tensor ${name} ${fault}: it begins at ${begin}, not ${expected}`);
    }
    if (end - begin !== sizeOf(shape) * width) {
      throw file.error(
        `tensor ${name}: ${end - begin} bytes do not fill ${dtype} [${shape}], which takes ${sizeOf(shape) * width}`,
      );
    }
    if (end > dataSize) {
      throw file.error(`is truncated: tensor ${name} ends at ${end} of ${dataSize} data bytes`);
    }
    expected = end;
  }
  if (expected !== dataSize) {
    throw file.error(`${dataSize - expected} bytes after the last tensor belong to none`);
  }
}

function tensorIn(
  file: CheckpointFile,
  { dtype, shape, begin, end }: Entry,
  dataStart: number,
): NamedTensor {
  if (!isFloatFormat(dtype)) throw new TypeError(`unchecked dtype ${dtype}`);
  return {
    shape,
    get data() {
      return toFloat32(file.read(dataStart + begin, end - begin), dtype);
    },
  };
}

function isFloatFormat(dtype: string): dtype is FloatFormat {
  return Object.hasOwn(BYTES_PER_VALUE, dtype);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
