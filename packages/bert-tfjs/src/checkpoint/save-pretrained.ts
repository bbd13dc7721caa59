import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BertConfig, toHuggingFaceConfig } from '../config.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { writeAtomically } from './atomic-file.js';
import { writeSafetensors } from './safetensors.js';
import type { StateDict } from './state-dict.js';

/**
 * Writes a classifier as a Hugging Face folder: what transformers' `from_pretrained` and
 * {@link loadPretrained} read.
 */
export async function savePretrained(
  folder: string,
  { config, weights, tokenizer }: { config: BertConfig; weights: StateDict; tokenizer: Tokenizer },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = `${JSON.stringify(toHuggingFaceConfig(config), undefined, 2)}\n`;
  await writeAtomically(join(folder, 'config.json'), (file) => file.writeFile(json));
  await tokenizer.save(folder);
  await writeSafetensors(join(folder, 'model.safetensors'), weights);
}
