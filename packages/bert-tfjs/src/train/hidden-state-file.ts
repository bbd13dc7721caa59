import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type EncodedDataset, padBatch, sortedBatches } from './batches.js';
import type { FrozenLayers } from './frozen-layers.js';

/** A batch whose way through the frozen layers is known. */
export interface HiddenBatch {
  /** [batch, length, width] */
  readonly hiddenStates: Int32Array;
  readonly width: number;
  readonly length: number;
  readonly lengths: Int32Array;
  readonly labels: Int32Array;
}

/** What the frozen layers give for a dataset, and how much room it takes. */
export interface HiddenStateShape {
  /** Numbers of 32 bits per token. */
  readonly width: number;
  /** Only the first token's is needed: no layer is trained, but the classifier. */
  readonly firstTokenOnly: boolean;
}

const lengthOf = ({ offsets }: EncodedDataset, i: number) => offsets[i + 1]! - offsets[i]!;

/** Bytes that a dataset's hidden states take on disk. */
export const hiddenStateBytes = (
  { offsets, labels }: EncodedDataset,
  { width, firstTokenOnly }: HiddenStateShape,
): number => (firstTokenOnly ? labels.length : offsets.at(-1)!) * width * 4;

// Few enough that a stop loses little, many enough that noting the progress costs nothing.
const BATCHES_PER_NOTE = 32;
const BATCH_SIZE = 64;

/**
 * A dataset's hidden states on disk, text after text. The system keeps in memory what fits there;
 * reads go on in other threads while the engine computes.
 */
export class HiddenStateFile {
  private constructor(
    private readonly file: FileHandle,
    private readonly dataset: EncodedDataset,
    private readonly shape: HiddenStateShape,
  ) {}

  /**
   * Opens a file, and computes what it lacks; goes on where an earlier attempt was stopped.
   *
   * @param options.key names all that decides the contents
   * @throws what the file system says (ENOSPC), and the signal's reason
   */
  static async fill(
    path: string,
    dataset: EncodedDataset,
    shape: HiddenStateShape,
    options: {
      key: string;
      layers: FrozenLayers;
      padTokenId: number;
      signal?: AbortSignal | undefined;
      onProgress?: ((texts: number) => void) | undefined;
    },
  ): Promise<HiddenStateFile> {
    const { key, layers, padTokenId, signal, onProgress } = options;
    await mkdir(dirname(path), { recursive: true });
    const done = await readProgress(path, key);
    const file = await open(path, done > 0 ? 'r+' : 'w+');
    const states = new HiddenStateFile(file, dataset, shape);
    try {
      const batches = sortedBatches(dataset, BATCH_SIZE);
      for (const [i, indexes] of batches.entries()) {
        onProgress?.(indexes.length);
        if (i < done) continue;
        await setImmediate();
        signal?.throwIfAborted();
        const batch = padBatch(dataset, indexes, padTokenId);
        await states.write(indexes, layers.hiddenStates(batch), batch.length);
        if ((i + 1) % BATCHES_PER_NOTE !== 0 && i + 1 < batches.length) continue;
        await file.datasync();
        await writeProgress(path, { key, batches: i + 1 });
      }
      return states;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Gathers texts into a batch. */
  async batch(indexes: readonly number[]): Promise<HiddenBatch> {
    const { width } = this.shape;
    const lengths = Int32Array.from(indexes, (i) => this.tokens(i));
    const length = lengths.reduce((a, b) => Math.max(a, b), 0);
    const hiddenStates = new Int32Array(indexes.length * length * width);
    const bytes = new Uint8Array(hiddenStates.buffer);
    const reads = indexes.map((i, row) =>
      this.file.read(bytes, row * length * width * 4, lengths[row]! * width * 4, this.position(i)),
    );
    await Promise.all(reads);
    const labels = Int32Array.from(indexes, (i) => this.dataset.labels[i]!);
    return { hiddenStates, width, length, lengths, labels };
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private tokens(i: number): number {
    return this.shape.firstTokenOnly ? 1 : lengthOf(this.dataset, i);
  }

  private position(i: number): number {
    const first = this.shape.firstTokenOnly ? i : this.dataset.offsets[i]!;
    return first * this.shape.width * 4;
  }

  private async write(indexes: readonly number[], states: Int32Array, length: number) {
    const stride = this.shape.firstTokenOnly ? 1 : length;
    const bytes = new Uint8Array(states.buffer, states.byteOffset, states.byteLength);
    const writes = indexes.map(async (i, row) => {
      const begin = row * stride * this.shape.width * 4;
      const size = this.tokens(i) * this.shape.width * 4;
      const { bytesWritten } = await this.file.write(bytes, begin, size, this.position(i));
      if (bytesWritten < size) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    });
    await Promise.all(writes);
  }
}

interface Progress {
  readonly key: string;
  /** Batches that the file holds. */
  readonly batches: number;
}

const progressFile = (path: string) => `${path}.json`;

async function writeProgress(path: string, progress: Progress): Promise<void> {
  await writeFile(`${progressFile(path)}.tmp`, JSON.stringify(progress));
  await rename(`${progressFile(path)}.tmp`, progressFile(path));
}

/** Batches that a file holds; 0 where it is of something else. */
async function readProgress(path: string, key: string): Promise<number> {
  const text = await readFile(progressFile(path), 'utf8').catch(() => 'null');
  const progress = JSON.parse(text) as Progress | null;
  return progress?.key === key ? progress.batches : 0;
}
