import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { CallOptions } from '../http.js';
import type { FileStore, TransferOptions, Transferred } from './file-store.js';

/** How far the transfer of a folder is. */
export interface Progress {
  /** The file that moved last, relative to the folder. */
  path: string;
  bytes: number;
  totalBytes: number;
  files: number;
  totalFiles: number;
}

export interface FolderOptions extends CallOptions {
  /** Files at once. @default 4 */
  concurrency?: number | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** A file that is to be moved: path relative to the folder, with `/`. */
interface Entry {
  path: string;
  bytes: number;
}

/** All files below a local folder, in order of their paths. */
export async function localFiles(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(folder, file).split(sep).join('/');
      return { path, bytes: (await stat(file)).size };
    });
  return (await Promise.all(files)).sort(byPath);
}

/** All files below a folder of the store, in order of their paths. */
export async function remoteFiles(
  store: FileStore,
  root: string,
  options: CallOptions,
): Promise<Entry[]> {
  const files: Entry[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await store.list(`${root}/${folder}`, options)) {
      const path = folder + entry.path;
      if (entry.isDir) folders.push(`${path}/`);
      else files.push({ path, bytes: entry.fileSize ?? 0 });
    }
  }
  return files.sort(byPath);
}

/** Moves files, at most `concurrency` at once; the first failure stops the others. */
export async function moveAll(
  entries: Entry[],
  options: FolderOptions,
  move: (path: string, transfer: TransferOptions) => Promise<Transferred>,
): Promise<(Transferred & { path: string })[]> {
  const { concurrency = 4, onProgress, signal, ...rest } = options;
  const failed = new AbortController();
  const signals = signal === undefined ? [failed.signal] : [signal, failed.signal];
  const progress = {
    bytes: 0,
    totalBytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    files: 0,
    totalFiles: entries.length,
  };
  const results: (Transferred & { path: string })[] = [];
  const queue = entries.entries();

  const worker = async () => {
    for (const [index, { path }] of queue) {
      const onBytes = (bytes: number) => {
        progress.bytes += bytes;
        onProgress?.({ ...progress, path });
      };
      const moved = await move(path, { ...rest, signal: AbortSignal.any(signals), onBytes });
      results[index] = { path, ...moved };
      progress.files++;
      onProgress?.({ ...progress, path });
    }
  };

  const workers = Array.from({ length: concurrency }, async () => {
    try {
      await worker();
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  if (outcomes.some((outcome) => outcome.status === 'rejected')) {
    signal?.throwIfAborted();
    throw failed.signal.reason;
  }
  return results;
}

function byPath(a: Entry, b: Entry): number {
  return a.path < b.path ? -1 : 1;
}
