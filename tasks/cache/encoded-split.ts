import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EncodedDataset, Tokenizer } from 'bert-tfjs';
import { readLines } from '../fetch/rows/utf8.js';
import type { Example } from '../fetch/split-writer.js';
import type { StageContext } from '../pipeline/context.js';
import { writeFileAtomic } from '../pipeline/files.js';
import { type Split, verifyFile } from '../pipeline/manifest.js';
import { ArrayFiles, type ArrayName, readArrays } from './array-files.js';
import { publishFolder, sha256Folder } from './folder.js';
import { TokenCounter, type TokenStatistics } from './token-statistics.js';
import { useEntry } from './uses.js';

/** Changes where the same split and tokenizer would give other files: part of the cache's key. */
const VERSION = 1;

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

export interface EncodedSplit extends EncodedRecord {
  folder: string;
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
  const record = await readFile(join(folder, RECORD), 'utf8');
  return { folder, ...(JSON.parse(record) as EncodedRecord) };
}

/** The same, with the ids themselves; those that were damaged since are made again. */
export async function readEncodedSplit(
  input: SplitToEncode,
  context: Context,
): Promise<EncodedDataset> {
  const { folder, sha256 } = await encodeSplit(input, context);
  const cached = await readArrays(folder, sha256);
  if (cached) return cached;
  context.logger.warn(`The token ids of ${input.name} in the cache are damaged: made again.`);
  await rm(folder, { recursive: true });
  const again = await encodeSplit(input, context);
  return (await readArrays(again.folder, again.sha256))!;
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
