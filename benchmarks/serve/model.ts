import { mkdir } from 'node:fs/promises';
import {
  initializeWeights,
  loadPretrained,
  parseBertConfig,
  savePretrained,
  Tokenizer,
} from 'bert-tfjs';

const BERT_BASE = {
  model_type: 'bert',
  vocab_size: 30_000,
  max_position_embeddings: 300,
  num_labels: 2,
};

/**
 * Writes a classifier into a folder: the weights of `from` where it has any, the rest random.
 *
 * @param size `base`: of BERT-base's size, with the vocabulary of `from`
 */
export async function writeClassifier(
  folder: string,
  from: string,
  size: 'same' | 'base',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (size === 'base') {
    const tokenizer = await Tokenizer.fromFolder(from);
    const config = parseBertConfig({ ...BERT_BASE, vocab_size: tokenizer.vocabSize }, 'BERT-base');
    const weights = initializeWeights(config, new Map(), 1);
    return savePretrained(folder, { config, weights, tokenizer });
  }
  const { config, weights, tokenizer } = await loadPretrained(from);
  await savePretrained(folder, {
    config,
    weights: initializeWeights(config, weights ?? new Map(), 1),
    tokenizer,
  });
}
