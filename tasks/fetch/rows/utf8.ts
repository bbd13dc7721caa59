import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../pipeline/errors.js';

const NEWLINE = 0x0a;

/**
 * The text of a UTF-8 file (gzipped where its name ends in .gz), in pieces that end at a line's
 * end, without a byte order mark. Memory: one piece and one line.
 *
 * @throws InputError naming line and byte of what is not UTF-8.
 */
export async function* decodeUtf8(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let line = 1;
  for await (const chunk of readBytes(path)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    const piece = Buffer.concat([rest, chunk.subarray(0, end)]);
    yield decode(piece, path, offset, line);
    rest = chunk.subarray(end);
    offset += piece.length;
    line += countLines(piece);
  }
  if (rest.length > 0) yield decode(rest, path, offset, line);
}

/** The lines of a file, many at a time; `first` is the number of the first of them, from 1. */
export async function* readLines(path: string): AsyncGenerator<{ first: number; lines: string[] }> {
  let first = 1;
  for await (const piece of decodeUtf8(path)) {
    const lines = piece.split('\n');
    if (lines.at(-1) === '') lines.pop();
    yield { first, lines: lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) };
    first += lines.length;
  }
}

async function* readBytes(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!path.endsWith('.gz')) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const unzipped = createGunzip({ chunkSize: 1 << 20 });
  file.on('error', (error) => unzipped.destroy(error)).pipe(unzipped);
  try {
    yield* unzipped as AsyncIterable<Buffer>;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw new InputError('The file is not whole, or not gzip.', {
      where: path,
      fix: 'Copy or download it again.',
      cause: error,
    });
  } finally {
    file.destroy();
  }
}

function decode(piece: Buffer, path: string, offset: number, line: number): string {
  if (!isUtf8(piece)) throw notUtf8(piece, path, offset, line);
  const text = piece.toString('utf8');
  return offset === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function notUtf8(piece: Buffer, path: string, offset: number, line: number): InputError {
  const bad = firstInvalidByte(piece);
  const before = piece.subarray(0, bad);
  const byte = `0x${piece[bad]!.toString(16).padStart(2, '0')}`;
  const encoding = guessEncoding(piece, offset);
  return new InputError(
    `Byte ${offset + bad} (${byte}) is not UTF-8.${encoding ? ` The file looks like ${encoding}.` : ''}`,
    {
      where: `${path}:${line + countLines(before)}`,
      fix: `Convert it: iconv -f ${encoding ?? 'CP949'} -t UTF-8 old > new`,
    },
  );
}

/** Every U+FFFD that a lenient decoder makes stands for a bad byte, unless the file holds one. */
function firstInvalidByte(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 1)) {
    const position = Buffer.byteLength(text.slice(0, at));
    if (bytes.toString('hex', position, position + 3) !== 'efbfbd') return position;
  }
  throw new Error('The bytes are UTF-8.');
}

function guessEncoding(piece: Buffer, offset: number): string | undefined {
  const mark = piece.toString('hex', 0, 2);
  if (offset === 0 && (mark === 'fffe' || mark === 'feff')) return 'UTF-16';
  try {
    new TextDecoder('euc-kr', { fatal: true }).decode(piece);
    return 'CP949';
  } catch {
    return undefined;
  }
}
