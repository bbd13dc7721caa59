import { isJsonObject, type JsonObject } from './checkpoint/json-file.js';
import { CheckpointError } from './errors.js';

/** Activations between the two feed-forward matrices, by Hugging Face's names. */
export const HIDDEN_ACTS = ['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'relu'] as const;

export type HiddenAct = (typeof HIDDEN_ACTS)[number];

/** The shape of a BERT text classifier. */
export interface BertConfig {
  vocabSize: number;
  hiddenSize: number;
  numHiddenLayers: number;
  numAttentionHeads: number;
  intermediateSize: number;
  hiddenAct: HiddenAct;
  hiddenDropoutProb: number;
  attentionProbsDropoutProb: number;
  /** Dropout before the classifier; null means `hiddenDropoutProb`. */
  classifierDropout: number | null;
  maxPositionEmbeddings: number;
  typeVocabSize: number;
  layerNormEps: number;
  /** Standard deviation of freshly initialized matrices. */
  initializerRange: number;
  padTokenId: number;
  /** Label names; the index is the class id. */
  labels: string[];
}

/**
 * Reads Hugging Face's `config.json`. Keys that are left out take the values of transformers'
 * `BertConfig`.
 *
 * @param json The parsed file.
 * @param where The file's path, for messages.
 * @throws CheckpointError when the architecture is not BERT or a value is out of range.
 */
export function parseBertConfig(json: unknown, where: string): BertConfig {
  if (!isJsonObject(json)) {
    throw new CheckpointError(
      where,
      'is not a JSON object',
      'Use the config.json of a BERT model.',
    );
  }
  const read = new KeyReader(json, where);
  refuseOtherArchitectures(read);
  const config: BertConfig = {
    vocabSize: read.integer('vocab_size', 30522, 1),
    hiddenSize: read.integer('hidden_size', 768, 1),
    numHiddenLayers: read.integer('num_hidden_layers', 12, 1),
    numAttentionHeads: read.integer('num_attention_heads', 12, 1),
    intermediateSize: read.integer('intermediate_size', 3072, 1),
    hiddenAct: read.oneOf('hidden_act', HIDDEN_ACTS, 'gelu'),
    hiddenDropoutProb: read.probability('hidden_dropout_prob', 0.1),
    attentionProbsDropoutProb: read.probability('attention_probs_dropout_prob', 0.1),
    classifierDropout: read.has('classifier_dropout')
      ? read.probability('classifier_dropout', 0)
      : null,
    maxPositionEmbeddings: read.integer('max_position_embeddings', 512, 1),
    typeVocabSize: read.integer('type_vocab_size', 2, 1),
    layerNormEps: read.positive('layer_norm_eps', 1e-12),
    initializerRange: read.positive('initializer_range', 0.02),
    padTokenId: read.integer('pad_token_id', 0, 0),
    labels: readLabels(read),
  };
  if (config.hiddenSize % config.numAttentionHeads !== 0) {
    throw read.error(
      `hidden_size ${config.hiddenSize} is not a multiple of num_attention_heads ${config.numAttentionHeads}`,
    );
  }
  if (config.padTokenId >= config.vocabSize) {
    throw read.error(
      `pad_token_id ${config.padTokenId} is outside the vocabulary of ${config.vocabSize}`,
    );
  }
  return config;
}

/** What transformers reads as the `config.json` of a `BertForSequenceClassification`. */
export function toHuggingFaceConfig(config: BertConfig): JsonObject {
  return {
    architectures: ['BertForSequenceClassification'],
    attention_probs_dropout_prob: config.attentionProbsDropoutProb,
    classifier_dropout: config.classifierDropout,
    hidden_act: config.hiddenAct,
    hidden_dropout_prob: config.hiddenDropoutProb,
    hidden_size: config.hiddenSize,
    id2label: Object.fromEntries(config.labels.map((label, id) => [String(id), label])),
    initializer_range: config.initializerRange,
    intermediate_size: config.intermediateSize,
    label2id: Object.fromEntries(config.labels.map((label, id) => [label, id])),
    layer_norm_eps: config.layerNormEps,
    max_position_embeddings: config.maxPositionEmbeddings,
    model_type: 'bert',
    num_attention_heads: config.numAttentionHeads,
    num_hidden_layers: config.numHiddenLayers,
    pad_token_id: config.padTokenId,
    problem_type: 'single_label_classification',
    type_vocab_size: config.typeVocabSize,
    vocab_size: config.vocabSize,
  };
}

function refuseOtherArchitectures(read: KeyReader): void {
  const modelType = read.value('model_type');
  const architectures = read.value('architectures');
  const architecture: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  const isBert =
    modelType === undefined
      ? architecture === undefined || /^Bert(For|Model)/.test(String(architecture))
      : modelType === 'bert';
  if (!isBert) {
    const name = [architecture, modelType].filter((part) => part !== undefined).join(', ');
    throw new CheckpointError(
      read.where,
      `the architecture is ${name}, not BERT`,
      'Choose a model whose config.json says "model_type": "bert".',
    );
  }
  for (const key of ['is_decoder', 'add_cross_attention']) {
    if (read.value(key) === true) {
      throw read.error(`${key} is true: a decoder cannot be trained as a classifier here`);
    }
  }
  const positions = read.value('position_embedding_type');
  if (positions !== undefined && positions !== null && positions !== 'absolute') {
    throw read.error(`position_embedding_type ${JSON.stringify(positions)} is not "absolute"`);
  }
  const problem = read.value('problem_type');
  if (problem !== undefined && problem !== null && problem !== 'single_label_classification') {
    throw read.error(
      `problem_type ${JSON.stringify(problem)} is not "single_label_classification"`,
    );
  }
}

function readLabels(read: KeyReader): string[] {
  const id2label = read.value('id2label');
  if (id2label === undefined || id2label === null) {
    const count = read.integer('num_labels', 2, 1);
    return Array.from({ length: count }, (_, id) => `LABEL_${id}`);
  }
  const labels: unknown[] = isJsonObject(id2label)
    ? Object.keys(id2label).map((_, id) => id2label[String(id)])
    : [];
  if (labels.length === 0 || !labels.every((label) => typeof label === 'string')) {
    throw read.error('id2label does not map 0, 1, 2, … to label names');
  }
  if (new Set(labels).size !== labels.length) throw read.error('id2label names a label twice');
  return labels;
}

class KeyReader {
  constructor(
    private readonly json: JsonObject,
    readonly where: string,
  ) {}

  value(key: string): unknown {
    return Object.hasOwn(this.json, key) ? this.json[key] : undefined;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined && this.value(key) !== null;
  }

  integer(key: string, byDefault: number, least: number): number {
    return this.number(
      key,
      byDefault,
      (value) => Number.isSafeInteger(value) && value >= least,
      `an integer from ${least}`,
    );
  }

  positive(key: string, byDefault: number): number {
    return this.number(key, byDefault, (value) => value > 0, 'a positive number');
  }

  probability(key: string, byDefault: number): number {
    return this.number(
      key,
      byDefault,
      (value) => value >= 0 && value < 1,
      'a number from 0 to below 1',
    );
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], byDefault: T): T {
    if (!this.has(key)) return byDefault;
    const found = allowed.find((candidate) => candidate === this.value(key));
    if (found === undefined) throw this.outOfRange(key, `one of ${allowed.join(', ')}`);
    return found;
  }

  error(what: string): CheckpointError {
    return new CheckpointError(this.where, what, 'Correct the file or choose another model.');
  }

  private number(
    key: string,
    byDefault: number,
    accepts: (value: number) => boolean,
    expected: string,
  ): number {
    if (!this.has(key)) return byDefault;
    const value = this.value(key);
    if (typeof value !== 'number' || !accepts(value)) throw this.outOfRange(key, expected);
    return value;
  }

  private outOfRange(key: string, expected: string): CheckpointError {
    return this.error(`${key} is ${JSON.stringify(this.value(key))}, not ${expected}`);
  }
}
