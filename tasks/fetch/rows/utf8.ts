import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../pipeline/errors.js';
import { type OnMalformed, refuseMalformed } from './row.js';

const NEWLINE = 0x0a;

/**
 * The text of a UTF-8 file (gzipped where its name ends in .gz), in pieces that end at a line's
 * end, without a byte order mark. Memory: one piece and one line.
 *
 * @param onMalformed is told of each line that is not UTF-8; where it returns, that line is decoded as
 *   far as it goes
 * @throws InputError where the first line is not UTF-8: then nothing is.
 */
export async function* decodeUtf8(
  path: string,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  const at = { offset: 0, line: 1 };
  for await (const chunk of readBytes(path)) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    const piece = Buffer.concat([rest, chunk.subarray(0, end)]);
    yield decode(piece, path, at, onMalformed);
    rest = chunk.subarray(end);
    at.offset += piece.length;
    at.line += countLines(piece);
  }
  if (rest.length > 0) yield decode(rest, path, at, onMalformed);
}

/**
 * The lines of a file, many at a time; `first` is the number of the first of them, from 1.
 *
 * @param onMalformed as of `decodeUtf8`; such a line is empty here
 */
export async function* readLines(
  path: string,
  onMalformed: OnMalformed = refuseMalformed,
): AsyncGenerator<{ first: number; lines: string[] }> {
  let first = 1;
  const malformed = new Set<number>();
  const pieces = decodeUtf8(path, (problem, number) => {
    onMalformed(problem, number);
    malformed.add(number);
  });
  for await (const piece of pieces) {
    const lines = piece.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const number of malformed) lines[number - first] = '';
    malformed.clear();
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

/** Where in the file a piece begins. */
interface Position {
  offset: number;
  line: number;
}

function decode(piece: Buffer, path: string, at: Position, onMalformed: OnMalformed): string {
  if (!isUtf8(piece)) refuseLines(piece, path, at, onMalformed);
  const text = piece.toString('utf8');
  return at.offset === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Names every line of a piece that is not UTF-8. */
function refuseLines(piece: Buffer, path: string, at: Position, onMalformed: OnMalformed): void {
  let { line } = at;
  for (let start = 0; start < piece.length; line++) {
    const newline = piece.indexOf(NEWLINE, start);
    const end = newline < 0 ? piece.length : newline + 1;
    const bytes = piece.subarray(start, end);
    if (!isUtf8(bytes)) {
      const problem = notUtf8(bytes, path, { offset: at.offset + start, line });
      if (line === 1) throw problem;
      onMalformed(problem, line);
    }
    start = end;
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

function notUtf8(bytes: Buffer, path: string, { offset, line }: Position): InputError {
  const bad = firstInvalidByte(bytes);
  const byte = `0x${bytes[bad]!.toString(16).padStart(2, '0')}`;
  const encoding = guessEncoding(bytes, offset);
  return new InputError(
    `Byte ${offset + bad} (${byte}) is not UTF-8.${encoding ? ` It looks like ${encoding}.` : ''}`,
    {
      where: `${path}:${line}`,
      fix: `Convert the file: iconv -f ${encoding ?? 'CP949'} -t UTF-8 old > new`,
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

function guessEncoding(bytes: Buffer, offset: number): string | undefined {
  const mark = bytes.toString('hex', 0, 2);
  if (offset === 0 && (mark === 'fffe' || mark === 'feff')) return 'UTF-16';
  try {
    new TextDecoder('euc-kr', { fatal: true }).decode(bytes);
    return 'CP949';
  } catch {
    return undefined;
  }
}
