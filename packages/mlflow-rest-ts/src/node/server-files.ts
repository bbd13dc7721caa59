import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { artifactAddress, ServerStore } from '../artifacts/store.js';
import { writeAtomically } from './atomic.js';
import type { FileStore, TransferOptions, Transferred } from './file-store.js';

/** A download is flushed in such portions as it comes, so that the flush at its end is short. */
const FLUSH_BYTES = 8 << 20;

/** Files through the server, as streams. */
export class ServerFiles extends ServerStore implements FileStore {
  async upload(path: string, localPath: string, options: TransferOptions): Promise<Transferred> {
    const { size } = await stat(localPath);
    let sent = new Tally();
    await this.http.send(
      {
        method: 'PUT',
        path: artifactAddress(path),
        headers: { 'content-length': String(size) },
        body: (moving) => {
          sent.undo(options);
          sent = new Tally();
          return ReadableStream.from(counted(localPath, sent, options, moving));
        },
        safe: true,
        read: (response) => response.text(),
      },
      options,
    );
    return sent.total();
  }

  download(path: string, localPath: string, options: TransferOptions): Promise<Transferred> {
    return writeAtomically(localPath, (file) =>
      this.http.send(
        {
          method: 'GET',
          path: artifactAddress(path),
          safe: true,
          read: (response, moving) => receive(response, file, options, moving),
        },
        options,
      ),
    );
  }
}

/** Counts and sums what goes by. */
class Tally {
  bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  add(chunk: Uint8Array, { onBytes }: TransferOptions): void {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    onBytes?.(chunk.length);
  }

  /** Takes back what was reported of an attempt that failed. */
  undo({ onBytes }: TransferOptions): void {
    if (this.bytes > 0) onBytes?.(-this.bytes);
  }

  total(): Transferred {
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }
}

async function* counted(
  localPath: string,
  tally: Tally,
  options: TransferOptions,
  moving: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(localPath, { highWaterMark: 1 << 20 })) {
    moving();
    tally.add(chunk, options);
    yield chunk;
  }
}

async function receive(
  response: Response,
  file: FileHandle,
  options: TransferOptions,
  moving: () => void,
): Promise<Transferred> {
  const tally = new Tally();
  let flushed = 0;
  let flushing: Promise<void> = Promise.resolve();
  await file.truncate(0);
  try {
    for await (const chunk of response.body ?? []) {
      moving();
      const written = writeAt(file, chunk, tally.bytes);
      tally.add(chunk, options); // sums it up while the disk has it
      await written;
      if (tally.bytes - flushed < FLUSH_BYTES) continue;
      await flushing;
      flushed = tally.bytes;
      flushing = file.datasync();
      flushing.catch(() => undefined); // its failure is met at the next await
    }
    await flushing;
  } catch (error) {
    await flushing.catch(() => undefined);
    tally.undo(options);
    throw error;
  }
  return tally.total();
}

async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  // A disk that is nearly full takes a part, and then says why it takes no more.
  while (done < chunk.length) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
