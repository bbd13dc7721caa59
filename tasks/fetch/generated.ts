import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishFolder } from '../cache/folder.js';
import { useEntry } from '../cache/uses.js';
import type { StageContext } from '../pipeline/context.js';
import {
  generateReviews,
  QUICKSTART_LABELS,
  QUICKSTART_REVISION,
} from './quickstart/quickstart.js';
import { generateHeadlines, TOPICS, TOPICS_REVISION } from './topics/topics.js';

/** A generated text; `label` is the index of the label's name. */
interface GeneratedText {
  id: string;
  text: string;
  label: number;
}

interface Generator {
  /** Changes with the generator: what it is called names the same texts everywhere. */
  revision: string;
  labelNames: readonly string[];
  generate: () => { train: GeneratedText[]; test: GeneratedText[] };
}

/** Data sets of our own making, which need no download. */
export const GENERATED: Readonly<Record<string, Generator>> = {
  quickstart: {
    revision: QUICKSTART_REVISION,
    labelNames: QUICKSTART_LABELS,
    generate: () => generateReviews(),
  },
  topics: {
    revision: TOPICS_REVISION,
    labelNames: TOPICS,
    generate: () => generateHeadlines(),
  },
};

/** Writes a generated data set as `train.jsonl` and `test.jsonl` to the cache, unless it is there. */
export async function generateDataset(name: string, context: StageContext): Promise<string> {
  const { revision, generate } = GENERATED[name]!;
  const entry = { kind: 'downloads' as const, key: `${name}-${revision}` };
  const folder = await useEntry(entry, `${name} (generated)`, context);
  await publishFolder(folder, async (temporary) => {
    for (const [split, texts] of Object.entries(generate())) {
      const lines = texts.map((text) => `${JSON.stringify(text)}\n`);
      await writeFile(join(temporary, `${split}.jsonl`), lines.join(''), { flush: true });
    }
    context.logger.info(`Generated the texts of ${name}`);
  });
  return folder;
}
