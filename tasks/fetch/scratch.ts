import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BertConfig, Tokenizer, toHuggingFaceConfig, trainWordPiece } from 'bert-tfjs';
import { publishFolder } from '../cache/folder.js';
import type { Config } from '../pipeline/config.js';
import { InputError } from '../pipeline/errors.js';
import { cleaningFor } from './presets.js';
import { readLines } from './rows/utf8.js';
import type { Example } from './split-writer.js';

/** Changes where the same texts would give another vocabulary: part of the cache's key. */
const VERSION = 2;
/** Fewest positions of a new model, so that it can read longer texts than it was trained on. */
const POSITIONS = 128;
/** So many texts are plenty to learn a vocabulary from, and bound what is held in memory. */
const MOST_TEXTS = 500_000;

/** The data that a model without weights is made for. */
interface TrainSplit {
  path: string;
  sha256: string;
  labels: readonly string[];
}

/**
 * Makes a Hugging Face folder without weights: the shape that `model.scratch` says, and a WordPiece
 * vocabulary learned from the train split's texts, cleaned as configured.
 *
 * @returns the folder, which `cacheDir` gives for the key of shape and split
 * @throws InputError where the shape is impossible.
 */
export async function makeScratchModel(
  { dataset, model }: Config,
  train: TrainSplit,
  cacheDir: (key: string) => Promise<string>,
): Promise<string> {
  const { scratch } = model;
  if (scratch.hidden_size % scratch.num_attention_heads !== 0) {
    throw new InputError(
      `model.scratch.hidden_size ${scratch.hidden_size} is not a multiple of num_attention_heads ${scratch.num_attention_heads}.`,
      { where: 'model.scratch', fix: 'Choose a multiple, such as 32 for each head.' },
    );
  }
  const positions = Math.max(dataset.max_length, POSITIONS);
  const { sha256, labels } = train;
  const cleaning = cleaningFor(model) ?? null;
  const key = createHash('sha256').update(
    JSON.stringify({ VERSION, scratch, positions, sha256, labels, cleaning }),
  );
  const folder = await cacheDir(`scratch-${key.digest('hex').slice(0, 32)}`);
  await publishFolder(folder, async (temporary) => {
    const texts = await readTexts(train.path);
    const vocabulary = trainWordPiece(texts, { vocabSize: scratch.vocab_size, cleaning });
    const config: BertConfig = {
      modelType: 'bert',
      vocabSize: vocabulary.length,
      embeddingSize: scratch.hidden_size,
      hiddenSize: scratch.hidden_size,
      numHiddenLayers: scratch.num_hidden_layers,
      numAttentionHeads: scratch.num_attention_heads,
      intermediateSize: scratch.intermediate_size,
      hiddenAct: 'gelu',
      hiddenDropoutProb: 0.1,
      attentionProbsDropoutProb: 0.1,
      classifierDropout: null,
      maxPositionEmbeddings: positions,
      typeVocabSize: 2,
      layerNormEps: 1e-12,
      initializerRange: 0.02,
      padTokenId: vocabulary.indexOf('[PAD]'),
      labels: [...labels],
    };
    const json = `${JSON.stringify(toHuggingFaceConfig(config), null, 2)}\n`;
    await writeFile(join(temporary, 'config.json'), json, { flush: true });
    const tokenizer = Tokenizer.fromVocabulary(vocabulary).withMaxLength(positions);
    await tokenizer.withCleaning(cleaning).save(temporary);
  });
  return folder;
}

async function readTexts(path: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { lines } of readLines(path)) {
    for (const line of lines) texts.push((JSON.parse(line) as Example).text);
    if (texts.length >= MOST_TEXTS) break;
  }
  return texts;
}
