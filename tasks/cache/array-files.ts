import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncodedDataset } from 'bert-tfjs';
import { InputError } from '../pipeline/errors.js';

/** The arrays of an `EncodedDataset`, each a file of little-endian int32. */
const ARRAYS = ['input_ids', 'offsets', 'labels'] as const;
export type ArrayName = (typeof ARRAYS)[number];

/** Writes the arrays as they grow, and sums them up on the way. */
export class ArrayFiles {
  readonly #hashes = {
    input_ids: createHash('sha256'),
    offsets: createHash('sha256'),
    labels: createHash('sha256'),
  };
  readonly #rows: Int32Array[] = [];
  readonly #offsets: number[] = [0];
  readonly #labels: number[] = [];
  #end = 0;

  private constructor(private readonly files: Record<ArrayName, FileHandle>) {}

  static async open(folder: string): Promise<ArrayFiles> {
    const at = (name: ArrayName) => open(join(folder, `${name}.i32`), 'wx');
    return new ArrayFiles({
      input_ids: await at('input_ids'),
      offsets: await at('offsets'),
      labels: await at('labels'),
    });
  }

  add(ids: Int32Array, label: number, path: string): void {
    this.#end += ids.length;
    if (this.#end > 0x7fffffff) {
      throw new InputError('The split has more than 2,147,483,647 tokens.', {
        where: path,
        fix: 'Lower dataset.sampling_rate or dataset.max_length.',
      });
    }
    this.#rows.push(ids);
    this.#offsets.push(this.#end);
    this.#labels.push(label);
  }

  async flush(): Promise<void> {
    const ids = new Int32Array(this.#rows.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const row of this.#rows) {
      ids.set(row, at);
      at += row.length;
    }
    await this.#write('input_ids', ids);
    await this.#write('offsets', Int32Array.from(this.#offsets));
    await this.#write('labels', Int32Array.from(this.#labels));
    this.#rows.length = 0;
    this.#offsets.length = 0;
    this.#labels.length = 0;
  }

  async #write(name: ArrayName, values: Int32Array): Promise<void> {
    const bytes = new Uint8Array(values.buffer);
    this.#hashes[name].update(bytes);
    await this.files[name].writeFile(bytes);
  }

  async finish(): Promise<Record<ArrayName, string>> {
    for (const name of ARRAYS) await this.files[name].sync();
    const { input_ids, offsets, labels } = this.#hashes;
    return {
      input_ids: input_ids.digest('hex'),
      offsets: offsets.digest('hex'),
      labels: labels.digest('hex'),
    };
  }

  async close(): Promise<void> {
    for (const name of ARRAYS) await this.files[name].close();
  }
}

/** The arrays in a folder; undefined where a file is not the one of these sums. */
export async function readArrays(
  folder: string,
  sha256: Record<ArrayName, string>,
): Promise<EncodedDataset | undefined> {
  const [inputIds, offsets, labels] = await Promise.all(
    ARRAYS.map((name) => readArray(join(folder, `${name}.i32`), sha256[name])),
  );
  return inputIds && offsets && labels ? { inputIds, offsets, labels } : undefined;
}

/** Node reads no more at once than 2 GiB. */
const CHUNK = 1 << 26;

async function readArray(path: string, sha256: string): Promise<Int32Array | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    const hash = createHash('sha256');
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), at);
      if (bytesRead === 0) return undefined;
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    return hash.digest('hex') === sha256 ? new Int32Array(bytes.buffer) : undefined;
  } finally {
    await file.close();
  }
}
