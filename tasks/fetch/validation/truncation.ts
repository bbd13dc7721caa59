import { BertTokenizer } from 'bert-tfjs';
import { readLines } from '../rows/utf8.js';
import type { Example } from '../split-writer.js';
import { type Finding, finding, LIMITS, type Limits, Tally } from './checks.js';

/** Texts looked at: enough to know the share to a percent or two. */
const SAMPLE = 2000;

/** How many texts of the train split the tokenizer makes longer than `maxLength`, by a sample. */
export async function checkTruncation(
  trainPath: string,
  modelFolder: string,
  maxLength: number,
  limits: Limits = LIMITS,
): Promise<Finding | undefined> {
  const tokenizer = await BertTokenizer.fromFolder(modelFolder);
  const cut = new Tally();
  let seen = 0;
  for await (const { lines } of readLines(trainPath)) {
    for (const line of lines.slice(0, SAMPLE - seen)) {
      const { id, text } = JSON.parse(line) as Example;
      seen++;
      // One more than is kept shows that there is more.
      if (tokenizer.encode(text, maxLength + 1).length > maxLength) cut.add(() => `id ${id}`);
    }
    if (seen === SAMPLE) break;
  }
  const say = (rows: string) =>
    `${rows} of ${seen.toLocaleString('en-US')} sampled texts are longer than dataset.max_length ${maxLength} and will be cut off.`;
  return finding('truncated', cut, seen, say, limits);
}
