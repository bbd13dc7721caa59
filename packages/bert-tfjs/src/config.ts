import { isJsonObject, type JsonObject } from './checkpoint/json-file.js';
import { CheckpointError } from './errors.js';
import { FAMILIES, familyOf, type ModelType } from './family.js';
import { KeyReader } from './key-reader.js';

/** Activations between the two feed-forward matrices, by Hugging Face's names. */
export const HIDDEN_ACTS = ['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'relu'] as const;

export type HiddenAct = (typeof HIDDEN_ACTS)[number];

/** The shape of a text classifier of the BERT, ELECTRA or RoBERTa family. */
export interface BertConfig {
  modelType: ModelType;
  /** Rows of the token embeddings: as many as tokens, or more where they are padded. */
  vocabSize: number;
  /** Width of the embeddings; other than `hiddenSize` only in ELECTRA. */
  embeddingSize: number;
  hiddenSize: number;
  numHiddenLayers: number;
  numAttentionHeads: number;
  intermediateSize: number;
  hiddenAct: HiddenAct;
  hiddenDropoutProb: number;
  attentionProbsDropoutProb: number;
  /** Dropout before the classifier; null means `hiddenDropoutProb`. */
  classifierDropout: number | null;
  /** Rows of the position embeddings; {@link maxTokens} says how many tokens they serve. */
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
 * Reads Hugging Face's `config.json`. Keys that are left out take the values of the family's
 * configuration in transformers.
 *
 * @param json The parsed file.
 * @param where The file's path, for messages.
 * @throws CheckpointError when the architecture is of no known family or a value is out of range.
 */
export function parseBertConfig(json: unknown, where: string): BertConfig {
  if (!isJsonObject(json)) {
    throw new CheckpointError(
      where,
      'is not a JSON object',
      'Use the config.json of a BERT, ELECTRA or RoBERTa model.',
    );
  }
  const read = new KeyReader(json, where);
  const modelType = familyOf(json, where);
  const { defaults } = FAMILIES[modelType];
  refuseOtherTasks(read);
  const hiddenSize = read.integer('hidden_size', defaults.hiddenSize, 1);
  const config: BertConfig = {
    modelType,
    vocabSize: read.integer('vocab_size', defaults.vocabSize, 1),
    embeddingSize:
      modelType === 'electra'
        ? read.integer('embedding_size', defaults.embeddingSize, 1)
        : hiddenSize,
    hiddenSize,
    numHiddenLayers: read.integer('num_hidden_layers', 12, 1),
    numAttentionHeads: read.integer('num_attention_heads', defaults.numAttentionHeads, 1),
    intermediateSize: read.integer('intermediate_size', defaults.intermediateSize, 1),
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
    padTokenId: read.integer('pad_token_id', defaults.padTokenId, 0),
    labels: readLabels(read),
  };
  if (hiddenSize % config.numAttentionHeads !== 0) {
    throw read.error(
      `hidden_size ${hiddenSize} is not a multiple of num_attention_heads ${config.numAttentionHeads}`,
    );
  }
  if (config.padTokenId >= config.vocabSize) {
    throw read.error(
      `pad_token_id ${config.padTokenId} is outside the vocabulary of ${config.vocabSize}`,
    );
  }
  if (maxTokens(config) < 1) {
    throw read.error(
      `max_position_embeddings ${config.maxPositionEmbeddings} leaves no position for a token`,
    );
  }
  return config;
}

/** The class of transformers that the model is: `BertForSequenceClassification` and so on. */
export const architectureOf = ({ modelType }: Pick<BertConfig, 'modelType'>): string =>
  `${FAMILIES[modelType].className}ForSequenceClassification`;

/** The most tokens that the model reads, those before and after the text included. */
export const maxTokens = ({
  modelType,
  padTokenId,
  maxPositionEmbeddings,
}: Pick<BertConfig, 'modelType' | 'padTokenId' | 'maxPositionEmbeddings'>): number =>
  maxPositionEmbeddings - (FAMILIES[modelType].positionsAfterPadding ? padTokenId + 1 : 0);

/** What transformers reads as the `config.json` of a classifier of the family. */
export function toHuggingFaceConfig(config: BertConfig): JsonObject {
  return {
    architectures: [architectureOf(config)],
    attention_probs_dropout_prob: config.attentionProbsDropoutProb,
    classifier_dropout: config.classifierDropout,
    ...(config.modelType === 'electra' ? { embedding_size: config.embeddingSize } : {}),
    hidden_act: config.hiddenAct,
    hidden_dropout_prob: config.hiddenDropoutProb,
    hidden_size: config.hiddenSize,
    id2label: Object.fromEntries(config.labels.map((label, id) => [String(id), label])),
    initializer_range: config.initializerRange,
    intermediate_size: config.intermediateSize,
    label2id: Object.fromEntries(config.labels.map((label, id) => [label, id])),
    layer_norm_eps: config.layerNormEps,
    max_position_embeddings: config.maxPositionEmbeddings,
    model_type: config.modelType,
    num_attention_heads: config.numAttentionHeads,
    num_hidden_layers: config.numHiddenLayers,
    pad_token_id: config.padTokenId,
    problem_type: 'single_label_classification',
    type_vocab_size: config.typeVocabSize,
    vocab_size: config.vocabSize,
  };
}

function refuseOtherTasks(read: KeyReader): void {
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
