import { basename, join } from 'node:path';
import { type BertConfig, parseBertConfig } from '../config.js';
import { CheckpointError } from '../errors.js';
import { FAMILIES, isTextClassifier } from '../family.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { fileExists, isJsonObject, readJsonFile } from './json-file.js';
import { readPytorchBin } from './pytorch-bin.js';
import { readSafetensors } from './safetensors.js';
import type { StateDict } from './state-dict.js';
import { weightShapes } from './weight-shapes.js';

/** A model folder in Hugging Face's layout, read and checked. */
export interface Pretrained {
  config: BertConfig;
  /** Weights of a `…ForSequenceClassification`; null when the folder has no weights file. */
  weights: StateDict | null;
  /** Weights that the file lacks and training has to initialize: of the classification head. */
  missing: string[];
  tokenizer: Tokenizer;
}

/** Weights files, the preferred one first. */
const WEIGHTS_FILES = [
  { name: 'model.safetensors', read: readSafetensors },
  { name: 'pytorch_model.bin', read: readPytorchBin },
];

/** Weights of other frameworks, which are not read. */
const FOREIGN_FILES = ['tf_model.h5', 'flax_model.msgpack', 'bert_model.ckpt.index'];

/**
 * Reads `config.json`, the weights (`model.safetensors`, else `pytorch_model.bin`; one file or
 * shards with an index) and the tokenizer of a BERT, ELECTRA or RoBERTa, base or fine-tuned. Heads
 * of other tasks are dropped.
 *
 * @throws CheckpointError when a file is missing or damaged, the architecture is another one, or
 *   shapes, vocabulary and config do not fit each other.
 */
export async function loadPretrained(folder: string): Promise<Pretrained> {
  const configFile = join(folder, 'config.json');
  const json = await readJsonFile(configFile);
  if (json === undefined) {
    throw new CheckpointError(
      configFile,
      'there is no such file',
      'Name a model folder in the layout of Hugging Face.',
    );
  }
  const config = parseBertConfig(json, configFile);
  const tokenizer = await Tokenizer.fromFolder(folder);
  if (!isVocabularyOf(config.vocabSize, tokenizer.vocabSize)) {
    throw new CheckpointError(
      folder,
      `the vocabulary has ${tokenizer.vocabSize} tokens, but vocab_size in config.json is ${config.vocabSize}`,
      'Use the vocabulary that belongs to the model.',
    );
  }
  const found = await readWeights(folder);
  if (found === null) {
    return { config, weights: null, missing: [...weightShapes(config).keys()], tokenizer };
  }
  const weights = renameWeights(found.weights, config, isTextClassifier(json));
  return { config, ...fitToConfig(weights, config, found.file), tokenizer };
}

/** Rows of embeddings are at times padded to a multiple of 64 or 128, which hardware likes. */
function isVocabularyOf(rows: number, tokens: number): boolean {
  return rows === tokens || (rows % 64 === 0 && rows > tokens && rows - tokens < 128);
}

async function readWeights(folder: string): Promise<{ weights: StateDict; file: string } | null> {
  for (const { name, read } of WEIGHTS_FILES) {
    const file = join(folder, name);
    if (await fileExists(file)) return { weights: await read(file), file };
    const indexFile = join(folder, `${name}.index.json`);
    const index = await readJsonFile(indexFile);
    if (index === undefined) continue;
    const weights: StateDict = new Map();
    for (const shard of shardNames(index.weight_map, indexFile)) {
      for (const [key, tensor] of await read(join(folder, shard))) weights.set(key, tensor);
    }
    return { weights, file: indexFile };
  }
  for (const name of FOREIGN_FILES) {
    if (await fileExists(join(folder, name))) {
      throw new CheckpointError(
        join(folder, name),
        'is not a format that is read here, and the folder has no other weights',
        'Convert it with transformers: from_pretrained, then save_pretrained.',
      );
    }
  }
  return null;
}

function shardNames(weightMap: unknown, indexFile: string): Set<string> {
  const names = isJsonObject(weightMap) ? Object.values(weightMap) : [];
  const inFolder = names.filter((name) => typeof name === 'string' && basename(name) === name);
  if (names.length === 0 || inFolder.length !== names.length) {
    throw new CheckpointError(
      indexFile,
      'weight_map does not map tensors to files beside it',
      'The file is damaged: download it again.',
    );
  }
  return new Set(inFolder.map(String));
}

function fitToConfig(byName: StateDict, config: BertConfig, file: string) {
  const { head } = FAMILIES[config.modelType];
  const weights: StateDict = new Map();
  const missing: string[] = [];
  for (const [name, shape] of weightShapes(config)) {
    const tensor = byName.get(name);
    if (tensor === undefined) {
      missing.push(name);
    } else if (String(tensor.shape) === String(shape)) {
      weights.set(name, tensor);
    } else {
      throw new CheckpointError(
        file,
        `tensor ${name} has the shape [${tensor.shape}], but config.json makes it [${shape}]`,
        'Use the config.json that belongs to the weights.',
      );
    }
  }
  // A pretrained encoder was trained without these.
  const mayBeMissing = [`${head.dense}.`, `${head.output}.`];
  const required = missing.find((name) => !mayBeMissing.some((part) => name.startsWith(part)));
  if (required !== undefined) {
    throw new CheckpointError(
      file,
      `has no tensor ${required}`,
      'Use the weights and the config.json of one model.',
    );
  }
  checkLayerCount(byName, config, file);
  return { weights, missing };
}

/** Layers beyond those of the config would silently be left out. */
function checkLayerCount(byName: StateDict, config: BertConfig, file: string): void {
  const beyond = `${FAMILIES[config.modelType].prefix}.encoder.layer.${config.numHiddenLayers}.`;
  if ([...byName.keys()].some((name) => name.startsWith(beyond))) {
    throw new CheckpointError(
      file,
      `has tensors ${beyond}…, but num_hidden_layers in config.json is ${config.numHiddenLayers}`,
      'Use the config.json that belongs to the weights.',
    );
  }
}

/**
 * The weights by their names within today's classifiers: bare encoders have no prefix, TensorFlow's
 * conversions kept gamma and beta. Without those of another task's classifier.
 */
function renameWeights(
  found: StateDict,
  { modelType }: BertConfig,
  isTextClassifier: boolean,
): StateDict {
  const { prefix } = FAMILIES[modelType];
  const weights: StateDict = new Map();
  for (const [name, tensor] of found) {
    if (!isTextClassifier && name.startsWith('classifier.')) continue;
    const current = name
      .replace(/^(?=(embeddings|embeddings_project|encoder|pooler)\.)/, `${prefix}.`)
      .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
      .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
    weights.set(current, tensor);
  }
  return weights;
}
