import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';

/** Below Node's limit of 2 GiB a read. */
const MAX_READ = 2 ** 28;

/** A file that is read by byte ranges, so that 440 MB of weights need not be in memory at once. */
export class CheckpointFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Opens the file for `use` and closes it afterwards.
   *
   * @throws CheckpointError when it cannot be opened or read, and what `use` throws.
   */
  static async with<T>(path: string, use: (file: CheckpointFile) => Promise<T>): Promise<T> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stats = await handle.stat();
      if (!stats.isFile()) {
        throw new CheckpointError(path, 'is not a file', 'Name the checkpoint file itself.');
      }
      return await use(new CheckpointFile(path, stats.size, handle));
    } catch (error) {
      throw asCheckpointError(path, error);
    } finally {
      await handle?.close();
    }
  }

  /** Fills `into` with the bytes from `position` on. */
  async read(into: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < into.byteLength) {
      const length = Math.min(MAX_READ, into.byteLength - done);
      const { bytesRead } = await this.handle.read(into, done, length, position + done);
      if (bytesRead === 0) {
        throw this.error(
          `ends at byte ${position + done}, before the ${into.byteLength} bytes from ${position}`,
        );
      }
      done += bytesRead;
    }
  }

  /** A refusal of this file; by default its fix is to get the file again. */
  error(what: string, fix = 'The file is damaged or incomplete: download it again.') {
    return new CheckpointError(this.path, what, fix);
  }
}

/**
 * `length` bytes of a file from `position` on.
 *
 * @throws CheckpointError when the file has gone or has become shorter
 */
export function readBytes(path: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let done = 0; done < length; ) {
      const wanted = Math.min(MAX_READ, length - done);
      const read = readSync(file, bytes, done, wanted, position + done);
      if (read === 0) throw new CheckpointError(path, 'has changed', 'Start again.');
      done += read;
    }
    return bytes;
  } catch (error) {
    throw asCheckpointError(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Turns the file system's own errors into refusals; anything else stays what it is. */
export function asCheckpointError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (error instanceof CheckpointError || !code?.startsWith('E') || code.startsWith('ERR_')) {
    return error;
  }
  return code === 'ENOENT'
    ? new CheckpointError(path, 'there is no such file', 'Check the path.', { cause: error })
    : new CheckpointError(path, `cannot be read (${code})`, 'Check the path and its permissions.', {
        cause: error,
      });
}
