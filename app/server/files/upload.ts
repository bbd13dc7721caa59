import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Problem } from '../problem.js';

/**
 * Writes a request's body to a file, whole or not at all.
 *
 * @throws Problem 413 beyond `limit` bytes, 400 for an empty or broken-off body.
 */
export async function saveUpload(
  body: ReadableStream<Uint8Array> | null,
  file: string,
  limit: number,
): Promise<void> {
  if (body === null) throw new Problem(400, 'bad_input', 'The file is empty.');
  await mkdir(dirname(file), { recursive: true });
  let bytes = 0;
  async function* counted(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limit) throw tooLarge(limit);
      yield chunk;
    }
  }
  try {
    await pipeline(Readable.fromWeb(body), counted, createWriteStream(file, { mode: 0o600 }));
    if (bytes === 0) throw new Problem(400, 'bad_input', 'The file is empty.');
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof Problem) throw error;
    throw new Problem(400, 'bad_input', 'The upload broke off. Send the file again.');
  }
}

export function tooLarge(limit: number): Problem {
  const megabytes = Math.floor(limit / 2 ** 20);
  return new Problem(
    413,
    'too_large',
    `Files of up to ${megabytes} MB are taken. \`ml4 predict\` takes larger ones.`,
  );
}
