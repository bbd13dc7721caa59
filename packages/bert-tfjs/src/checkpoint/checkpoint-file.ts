import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';

/** Below Node's limit of 2 GiB a read. */
const MAX_READ = 2 ** 28;

/** A file that is read by byte ranges, so that 440 MB of weights need not be in memory at once. */
export class CheckpointFile {
  private constructor(
    readonly path: string,
    readonly size: number,
  ) {}

  /**
   * Lets `use` read the file, then and later.
   *
   * @throws CheckpointError when it cannot be read, and what `use` throws.
   */
  static async with<T>(path: string, use: (file: CheckpointFile) => Promise<T>): Promise<T> {
    try {
      const stats = await stat(path);
      if (!stats.isFile()) {
        throw new CheckpointError(path, 'is not a file', 'Name the checkpoint file itself.');
      }
      return await use(new CheckpointFile(path, stats.size));
    } catch (error) {
      throw asCheckpointError(path, error);
    }
  }

  /**
   * `length` bytes from `position` on.
   *
   * @throws CheckpointError when the file does not have them, or has gone
   */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let file: number | undefined;
    try {
      file = openSync(this.path, 'r');
      for (let done = 0; done < length; ) {
        const wanted = Math.min(MAX_READ, length - done);
        const read = readSync(file, bytes, done, wanted, position + done);
        if (read === 0) {
          throw this.error(
            `ends at byte ${position + done}, before the ${length} bytes from ${position}`,
          );
        }
        done += read;
      }
      return bytes;
    } catch (error) {
      throw asCheckpointError(this.path, error);
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** A refusal of this file; by default its fix is to get the file again. */
  error(what: string, fix = 'The file is damaged or incomplete: download it again.') {
    return new CheckpointError(this.path, what, fix);
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
