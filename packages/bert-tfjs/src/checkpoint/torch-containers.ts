import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import type { CheckpointFile } from './checkpoint-file.js';
import { DamagedPickle, type Pickled } from './pickle.js';
import { type TorchStorage, unpickleTorch } from './torch-pickle.js';

/** What `torch.save` wrote, and where in the file the bytes of each storage begin. */
export interface TorchFile {
  value: Pickled;
  storageStart: (storage: TorchStorage) => number;
}

/** No state dict's pickle comes near this; KcBERT's has 30 kB. */
const MAX_PICKLE_BYTES = 2 ** 26;

/**
 * The format since PyTorch 1.6: a zip archive of uncompressed entries, `data.pkl` and one
 * `data/<key>` a storage.
 */
export async function openTorchZip(file: CheckpointFile): Promise<TorchFile> {
  const entries = await readZipEntries(file);
  const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) throw file.error('has no data.pkl, so it is no PyTorch file');
  const folder = pickleName.slice(0, -'data.pkl'.length);

  const byteOrder = entries.get(`${folder}byteorder`);
  if (byteOrder !== undefined && readEntry(file, byteOrder).toString() !== 'little') {
    throw file.error('is not little-endian', 'Save it again on a little-endian machine.');
  }
  const pickle = readEntry(file, entries.get(pickleName)!);
  const { value } = unpickleTorch(pickle, 0);
  return {
    value,
    storageStart: (storage) => {
      const entry = entries.get(`${folder}data/${storage.key}`);
      const size = storage.elements * storage.type.width;
      if (entry?.size !== size) {
        throw file.error(
          `storage ${storage.key} has ${entry?.size ?? 'no'} bytes, its tensors need ${size}`,
        );
      }
      return entry.start;
    },
  };
}

/** `torch.save` before version 1.6 began with this number, pickled. */
export const LEGACY_MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/**
 * The format before PyTorch 1.6: pickles of a magic number, the protocol, the machine, the value
 * and the storage keys, then each storage in that order as an element count and its elements.
 */
export function openTorchLegacy(file: CheckpointFile): TorchFile {
  const head = file.read(0, Math.min(file.size, MAX_PICKLE_BYTES));
  const protocol = unpickleTorch(head, LEGACY_MAGIC.length);
  if (protocol.value !== 1001) throw new DamagedPickle(`protocol ${protocol.value} is not 1001`);
  const machine = unpickleTorch(head, protocol.end);
  if (machine.value instanceof Map && machine.value.get('little_endian') === false) {
    throw file.error('is not little-endian', 'Save it again on a little-endian machine.');
  }
  const { value, storages, end } = unpickleTorch(head, machine.end);
  const keys = unpickleTorch(head, end);
  if (!Array.isArray(keys.value)) throw new DamagedPickle('the storage keys are not a list');

  const starts = new Map<string, number>();
  let position = keys.end;
  for (const key of keys.value) {
    const storage = storages.get(String(key));
    if (storage === undefined) throw new DamagedPickle(`storage ${String(key)} is not described`);
    const elements = file.read(position, 8);
    if (elements.readBigInt64LE() !== BigInt(storage.elements)) {
      throw new DamagedPickle(`storage ${storage.key} does not have ${storage.elements} elements`);
    }
    starts.set(storage.key, position + 8);
    position += 8 + storage.elements * storage.type.width;
  }
  if (position !== file.size) {
    throw file.error(`has ${file.size} bytes, its storages need ${position}`);
  }
  return {
    value,
    storageStart: (storage) => {
      const start = starts.get(storage.key);
      if (start === undefined) throw file.error(`storage ${storage.key} is missing`);
      return start;
    },
  };
}

interface ZipEntry {
  start: number;
  size: number;
}

/** Where the bytes of each entry lie: they are stored as they are, so they can be read by range. */
async function readZipEntries(file: CheckpointFile): Promise<Map<string, ZipEntry>> {
  const found = new Map<string, ZipEntry>();
  try {
    const zip = await fromRandomAccessReaderPromise(new ZipReader(file), file.size);
    for await (const entry of zip.eachEntry()) {
      if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
        throw new Error(`${entry.fileName} is compressed or encrypted`);
      }
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      found.set(entry.fileName, { start: fileDataStart, size: entry.uncompressedSize });
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw file.error(`is not a whole zip archive as torch.save writes it (${reason})`);
  }
  return found;
}

/** Lets yauzl read the open file; its own reader throws where nobody can catch it. */
class ZipReader extends RandomAccessReader {
  constructor(private readonly file: CheckpointFile) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      buffer.set(this.file.read(position, length), offset);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback(null);
  }
}

function readEntry(file: CheckpointFile, { start, size }: ZipEntry): Buffer {
  if (size > MAX_PICKLE_BYTES) throw file.error(`has a pickle of ${size} bytes`);
  return file.read(start, size);
}
