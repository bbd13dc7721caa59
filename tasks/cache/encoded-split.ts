import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedDataset, Tokenizer } from 'bert-tfjs';
import { readLines } from '../fetch/rows/utf8.js';
import type { Example } from '../fetch/split-writer.js';
import type { StageContext } from '../pipeline/context.js';
import { InputError } from '../pipeline/errors.js';
import { writeFileAtomic } from '../pipeline/files.js';
import { type Split, verifyFile } from '../pipeline/manifest.js';
import { publishFolder, sha256Folder } from './folder.js';
import { TokenCounter, type TokenStatistics } from './token-statistics.js';
import { useEntry } from './uses.js';

/** Changes where the same split and tokenizer would give other files: part of the cache's key. */
const VERSION = 1;

/** The arrays of an `EncodedDataset`, each a file of little-endian int32. */
const ARRAYS = ['input_ids', 'offsets', 'labels'] as const;
type ArrayName = (typeof ARRAYS)[number];

/** Describes the arrays in their folder; written last. */
const RECORD = 'encoded.json';

interface EncodedRecord {
  version: typeof VERSION;
  sha256: Record<ArrayName, string>;
  statistics: TokenStatistics;
}

/** What to encode, and with what. */
export interface SplitToEncode {
  /** Of the data set, and of the split: for people. */
  name: string;
  split: Split;
  tokenizer: Tokenizer;
  /** What is beyond is cut off. */
  maxLength: number;
}

export interface EncodedSplit {
  folder: string;
  statistics: TokenStatistics;
}

type Context = Pick<
  StageContext,
  'volume' | 'run' | 'pipelineId' | 'logger' | 'progress' | 'signal'
>;

/**
 * Token ids of a split, in the cache: made unless they are there for this content, tokenizer and
 * length. Memory does not grow with the split.
 *
 * @throws InputError where the split is gone or changed
 */
export async function encodeSplit(input: SplitToEncode, context: Context): Promise<EncodedSplit> {
  const key = await keyOf(input);
  const folder = await useEntry({ kind: 'encoded', key }, input.name, context);
  await publishFolder(folder, (temporary) => write(input, temporary, context));
  return { folder, statistics: (await readRecord(folder)).statistics };
}

/** The same, with the ids themselves; those that were damaged since are made again. */
export async function readEncodedSplit(
  input: SplitToEncode,
  context: Context,
): Promise<EncodedDataset> {
  const { folder } = await encodeSplit(input, context);
  const cached = await read(folder);
  if (cached) return cached;
  context.logger.warn(`The token ids of ${input.name} in the cache are damaged: made again.`);
  await rm(folder, { recursive: true });
  const again = await encodeSplit(input, context);
  return (await read(again.folder))!;
}

async function keyOf({ split, tokenizer, maxLength }: SplitToEncode): Promise<string> {
  const key = JSON.stringify({
    VERSION,
    split: split.sha256,
    tokenizer: await tokenizerSha256(tokenizer, maxLength),
    maxLength,
  });
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Of the files that it is saved as: the same before and after training. */
async function tokenizerSha256(tokenizer: Tokenizer, maxLength: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ml4-tokenizer-'));
  try {
    await tokenizer.withMaxLength(maxLength).save(folder);
    return await sha256Folder(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function write(
  { name, split, tokenizer, maxLength }: SplitToEncode,
  folder: string,
  { volume, logger, progress, signal }: Context,
): Promise<void> {
  const path = join(volume.root, split.path);
  await verifyFile(path, split.sha256);
  const counter = new TokenCounter(maxLength, tokenizer.unkId);
  const files = await ArrayFiles.open(folder);
  const bar = progress(`Tokenizing ${name}`, split.rows);
  const start = performance.now();
  let done = 0;
  try {
    for await (const { lines } of readLines(path)) {
      signal.throwIfAborted();
      for (const line of lines) {
        const { id, text, label } = JSON.parse(line) as Example;
        const ids = tokenizer.encode(text, Number.MAX_SAFE_INTEGER);
        counter.add(id, ids);
        files.add(cut(ids, maxLength), label, path);
      }
      await files.flush();
      done += lines.length;
      bar.update(done);
    }
    const sha256 = await files.finish();
    const record: EncodedRecord = { version: VERSION, sha256, statistics: counter.statistics() };
    await writeFileAtomic(join(folder, RECORD), `${JSON.stringify(record)}\n`);
  } finally {
    bar.stop();
    await files.close();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  logger.info(`Tokenized ${done.toLocaleString('en-US')} texts of ${name} in ${seconds} s`);
}

/** As the tokenizer cuts: the last id, [SEP], stays. */
function cut(ids: Int32Array, maxLength: number): Int32Array {
  if (ids.length <= maxLength) return ids;
  const row = ids.slice(0, maxLength);
  row[maxLength - 1] = ids.at(-1)!;
  return row;
}

/** Writes the arrays as they grow, and sums them up on the way. */
class ArrayFiles {
  readonly #hashes = {
    input_ids: createHash('sha256'),
    offsets: createHash('sha256'),
    labels: createHash('sha256'),
  };
  readonly #rows: Int32Array[] = [];
  readonly #offsets: number[] = [0];
  readonly #labels: number[] = [];
  #end = 0;

  private constructor(private readonly files: Record<ArrayName, FileHandle>) {}

  static async open(folder: string): Promise<ArrayFiles> {
    const at = (name: ArrayName) => open(join(folder, `${name}.i32`), 'wx');
    return new ArrayFiles({
      input_ids: await at('input_ids'),
      offsets: await at('offsets'),
      labels: await at('labels'),
    });
  }

  add(ids: Int32Array, label: number, path: string): void {
    this.#end += ids.length;
    if (this.#end > 0x7fffffff) {
      throw new InputError('The split has more than 2,147,483,647 tokens.', {
        where: path,
        fix: 'Lower dataset.sampling_rate or dataset.max_length.',
      });
    }
    this.#rows.push(ids);
    this.#offsets.push(this.#end);
    this.#labels.push(label);
  }

  async flush(): Promise<void> {
    const ids = new Int32Array(this.#rows.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const row of this.#rows) {
      ids.set(row, at);
      at += row.length;
    }
    await this.#write('input_ids', ids);
    await this.#write('offsets', Int32Array.from(this.#offsets));
    await this.#write('labels', Int32Array.from(this.#labels));
    this.#rows.length = 0;
    this.#offsets.length = 0;
    this.#labels.length = 0;
  }

  async #write(name: ArrayName, values: Int32Array): Promise<void> {
    const bytes = new Uint8Array(values.buffer);
    this.#hashes[name].update(bytes);
    await this.files[name].writeFile(bytes);
  }

  async finish(): Promise<Record<ArrayName, string>> {
    for (const name of ARRAYS) await this.files[name].sync();
    const { input_ids, offsets, labels } = this.#hashes;
    return {
      input_ids: input_ids.digest('hex'),
      offsets: offsets.digest('hex'),
      labels: labels.digest('hex'),
    };
  }

  async close(): Promise<void> {
    for (const name of ARRAYS) await this.files[name].close();
  }
}

async function readRecord(folder: string): Promise<EncodedRecord> {
  return JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as EncodedRecord;
}

/** Undefined where a file is not what was written. */
async function read(folder: string): Promise<EncodedDataset | undefined> {
  const { sha256 } = await readRecord(folder);
  const [inputIds, offsets, labels] = await Promise.all(
    ARRAYS.map((name) => readArray(join(folder, `${name}.i32`), sha256[name])),
  );
  return inputIds && offsets && labels ? { inputIds, offsets, labels } : undefined;
}

/** Node reads no more at once than 2 GiB. */
const CHUNK = 1 << 26;

async function readArray(path: string, sha256: string): Promise<Int32Array | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    const hash = createHash('sha256');
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), at);
      if (bytesRead === 0) return undefined;
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    return hash.digest('hex') === sha256 ? new Int32Array(bytes.buffer) : undefined;
  } finally {
    await file.close();
  }
}
