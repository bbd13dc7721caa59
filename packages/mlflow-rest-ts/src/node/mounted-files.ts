import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileInfo } from '../api/artifacts.js';
import { MlflowError } from '../errors.js';
import type { CallOptions } from '../http.js';
import { writeAtomically } from './atomic.js';
import type { FileStore, TransferOptions, Transferred } from './file-store.js';

/** The files of a server whose artifact root is a folder of this machine: read and written there. */
export class MountedFiles implements FileStore {
  constructor(private readonly root: string) {}

  async read(path: string, { signal }: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(
      await this.#found('GET', path, () => readFile(join(this.root, path), { signal })),
    );
  }

  async write(path: string, data: Uint8Array, { signal }: CallOptions): Promise<void> {
    signal?.throwIfAborted();
    await writeAtomically(join(this.root, path), (file) => file.writeFile(data));
  }

  async list(path: string, { signal }: CallOptions): Promise<FileInfo[]> {
    signal?.throwIfAborted();
    const folder = join(this.root, path);
    let entries: Awaited<ReturnType<typeof readFolder>>;
    try {
      entries = await readFolder(folder);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
    const files = entries
      .filter((entry) => !entry.name.endsWith('.part'))
      .map(async (entry): Promise<FileInfo> => {
        const isDir = entry.isDirectory();
        const fileSize = isDir ? undefined : (await stat(join(folder, entry.name))).size;
        return { path: entry.name, isDir, fileSize };
      });
    return (await Promise.all(files)).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async delete(path: string, { signal }: CallOptions): Promise<void> {
    signal?.throwIfAborted();
    if (path === '') throw new TypeError('the artifact root itself is not to be deleted');
    await this.#found('DELETE', path, () => rm(join(this.root, path), { recursive: true }));
  }

  upload(path: string, localPath: string, options: TransferOptions): Promise<Transferred> {
    return writeAtomically(join(this.root, path), (file) => copy(localPath, file, options));
  }

  download(path: string, localPath: string, options: TransferOptions): Promise<Transferred> {
    return this.#found('GET', path, () =>
      writeAtomically(localPath, (file) => copy(join(this.root, path), file, options)),
    );
  }

  /** Says of an absent file what the server would. */
  async #found<T>(method: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!isAbsent(cause)) throw cause;
      throw new MlflowError(`No such artifact: '${path}'`, {
        errorCode: 'RESOURCE_DOES_NOT_EXIST',
        status: 404,
        method,
        path,
        hint: `is ${this.root} the server's artifact root?`,
        cause,
      });
    }
  }
}

function readFolder(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

async function copy(
  source: string,
  target: FileHandle,
  { signal, onBytes }: TransferOptions,
): Promise<Transferred> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20, signal })) {
    await target.write(chunk);
    hash.update(chunk);
    bytes += chunk.length;
    onBytes?.(chunk.length);
  }
  return { bytes, sha256: hash.digest('hex') };
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
