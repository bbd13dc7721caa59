import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { downloadFile } from '@huggingface/hub';
import { withLock } from '../../pipeline/lock.js';
import { HubUnreachable, unreachable } from './errors.js';
import { type HubHttp, isNetworkError } from './http.js';
import { describe, localInstead, type Repository } from './repository.js';
import { credentials, type HubSettings } from './settings.js';

/** Attempts in a row that bring no byte, and whole files that are not what the hub announced. */
const FRUITLESS_ATTEMPTS = 5;
const WRONG_FILES = 2;

/** A file as the hub's listing describes it. */
export interface RemoteFile {
  path: string;
  size: number;
  /** Of the content where it is stored by LFS, else of git's blob object. */
  checksum: { algorithm: 'sha256' | 'git-sha1'; hex: string };
}

export interface Download {
  repository: Repository;
  commit: string;
  file: RemoteFile;
  /** Where the file appears when it is whole and checked. */
  target: string;
  /** Bytes of this file that are here, so far. */
  onProgress: (bytes: number) => void;
}

/**
 * Downloads a file unless it is there. A broken connection is taken up where it broke, also by a
 * later process: what has come is kept beside the target as `.incomplete`. The file gets its name
 * only when size and checksum are those of the hub's listing. Of several processes that want the
 * same file one downloads it.
 *
 * @throws HubUnreachable where the connection keeps breaking, or the content stays wrong.
 * @throws InputError where the hub refuses the file.
 */
export async function download(
  wanted: Download,
  http: HubHttp,
  settings: HubSettings,
  signal: AbortSignal,
): Promise<void> {
  const { target, file } = wanted;
  if (await isThere(wanted)) return;
  await mkdir(dirname(target), { recursive: true });
  await withLock(`${target}.lock`, signal, async () => {
    if (await isThere(wanted)) return;
    const incomplete = `${target}.incomplete`;
    for (let wrong = 0; ; ) {
      await receive(wanted, incomplete, http, settings, signal);
      if ((await checksum(incomplete, file)) === file.checksum.hex) break;
      await rm(incomplete, { force: true });
      if (++wrong === WRONG_FILES) throw corrupt(wanted, settings);
    }
    await rename(incomplete, target);
  });
  wanted.onProgress(file.size);
}

async function isThere({ target, file, onProgress }: Download): Promise<boolean> {
  if ((await sizeOf(target)) !== file.size) return false;
  onProgress(file.size);
  return true;
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return found ? found.size : -1;
}

/** Goes on until the file has its size, over as many connections as it takes. */
async function receive(
  wanted: Download,
  path: string,
  http: HubHttp,
  settings: HubSettings,
  signal: AbortSignal,
): Promise<void> {
  const { file, repository, onProgress } = wanted;
  const output = await open(path, 'a');
  try {
    let { size } = await output.stat();
    if (size > file.size) size = 0;
    for (let fruitless = 0; size < file.size; ) {
      const start = size;
      try {
        for await (const chunk of readFrom(wanted, start, http, settings)) {
          if (chunk === RESTART) size = 0;
          else {
            if (size === 0) await output.truncate(0);
            await output.write(chunk);
            size += chunk.length;
            onProgress(Math.min(size, file.size));
          }
          signal.throwIfAborted();
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isNetworkError(error)) throw error;
      }
      fruitless = size > start ? 0 : fruitless + 1;
      if (fruitless === FRUITLESS_ATTEMPTS) {
        const problem = `the connection breaks at byte ${size} of ${file.size} of ${file.path}.`;
        throw unreachable(settings.endpoint, problem, repository);
      }
      if (size < file.size) await http.pause(Math.max(1, fruitless));
    }
    await output.sync();
  } finally {
    await output.close();
  }
}

/** The server sends the file from its first byte, whatever was asked for. */
const RESTART = Symbol('restart');

/** The bytes of a file from `start` on. @throws what the request met with. */
async function* readFrom(
  { repository, commit, file }: Download,
  start: number,
  http: HubHttp,
  settings: HubSettings,
): AsyncGenerator<Uint8Array | typeof RESTART> {
  const request = http.for(repository);
  let failure: unknown;
  let status = 0;
  const blob = await downloadFile({
    ...credentials(settings),
    repo: { type: repository.type, name: repository.name },
    path: file.path,
    revision: commit,
    // Plain HTTP: it passes through mirrors and proxies, and goes on from any byte.
    xet: false,
    // The library's stream keeps only the message of a failed request, and no status.
    fetch: async (url, init) => {
      try {
        const response = await request(url, init);
        status = response.status;
        return response;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  let isFirst = true;
  try {
    for await (const chunk of blob!.slice(start).stream()) {
      if (isFirst && start > 0 && status !== 206) yield RESTART;
      isFirst = false;
      yield chunk;
    }
  } catch (error) {
    throw failure ?? error;
  }
}

/** Of a local file, in the form that the listing has. */
async function checksum(path: string, { size, checksum }: RemoteFile): Promise<string> {
  const hash = createHash(checksum.algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (checksum.algorithm === 'git-sha1') hash.update(`blob ${size}\0`);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function corrupt({ repository, file }: Download, { endpoint }: HubSettings): HubUnreachable {
  return new HubUnreachable(
    `${file.path} of the ${describe(repository)} arrived ${WRONG_FILES} times with another content than ${endpoint} announces for it.\n` +
      `Look for a proxy that changes downloads, or use a copy on this machine: ${localInstead(repository)}.`,
  );
}
