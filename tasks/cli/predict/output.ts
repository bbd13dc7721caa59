import { InputError } from '../../pipeline/errors.js';
import { fillFileAtomic } from '../../pipeline/files.js';
import type { TextRow } from '../texts.js';

/** A text and what the model says of it. */
export interface LabeledRow extends TextRow {
  label: string;
  score: number;
  probabilities: readonly number[];
}

/** How a row becomes a line. */
export interface LineFormat {
  /** A first line that names the columns. */
  header?(row: LabeledRow): string;
  line(row: LabeledRow, labels: readonly string[]): string;
}

/** An object a line, with the probability of every label. */
const jsonl: LineFormat = {
  line: ({ probabilities, score, ...row }, labels) =>
    JSON.stringify({
      ...row,
      score: rounded(score),
      probabilities: Object.fromEntries(
        labels.map((name, i) => [name, rounded(probabilities[i]!)]),
      ),
    }),
};

/** RFC 4180. */
const csv: LineFormat = {
  header: ({ id }) => (id === undefined ? 'text,label,score' : 'id,text,label,score'),
  line: ({ id, text, label, score }) =>
    [...(id === undefined ? [] : [id]), text, label, String(rounded(score))].map(cell).join(','),
};

/** For people: what is long, the text, comes last. */
const plain: LineFormat = {
  line: ({ text, label, score }) => `${label}\t${score.toFixed(4)}\t${text}`,
};

export const FORMATS = { jsonl, csv, plain };

/** @throws InputError where the ending of the file's name is of neither */
export function formatOfOutput(file: string): LineFormat {
  const ending = /\.(\w+)$/.exec(file.toLowerCase())?.[1];
  if (ending === 'csv') return csv;
  if (ending === 'jsonl' || ending === 'ndjson') return jsonl;
  throw new InputError('Not a file that labels can be written into.', {
    where: `--output ${file}`,
    fix: 'Let its name end in .csv or .jsonl.',
  });
}

/**
 * Writes rows as lines, as fast as they are taken. A file appears whole, when all rows are there, or
 * not at all.
 *
 * @param file undefined: standard output
 */
export async function writeRows(
  batches: AsyncIterable<LabeledRow[]>,
  {
    file,
    format,
    labels,
  }: { file: string | undefined; format: LineFormat; labels: readonly string[] },
): Promise<void> {
  if (file === undefined) {
    await toStdout(toText(batches, format, labels));
    return;
  }
  await fillFileAtomic(file, async (handle) => {
    for await (const text of toText(batches, format, labels)) await handle.writeFile(text);
  });
}

async function* toText(
  batches: AsyncIterable<LabeledRow[]>,
  format: LineFormat,
  labels: readonly string[],
): AsyncGenerator<string> {
  let isFirst = true;
  for await (const batch of batches) {
    if (!batch[0]) continue;
    const header = isFirst && format.header ? `${format.header(batch[0])}\n` : '';
    isFirst = false;
    yield header + batch.map((row) => `${format.line(row, labels)}\n`).join('');
  }
}

/** Waits for the reader, and ends where there is none any more, as behind `| head`. */
async function toStdout(texts: AsyncIterable<string>): Promise<void> {
  const { stdout } = process;
  stdout.on('error', () => {}); // each write is told of it
  for await (const text of texts) {
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      stdout.write(text, resolve);
    });
    if (failure && (failure as NodeJS.ErrnoException).code === 'EPIPE') return;
    if (failure) throw failure;
  }
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Six digits are more than a probability from bf16 or fp32 holds. */
function rounded(probability: number): number {
  return Number(probability.toFixed(6));
}
