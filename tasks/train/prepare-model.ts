import {
  type BertConfig,
  initializeWeights,
  loadPretrained,
  maxTokens,
  type StateDict,
  type Tokenizer,
} from 'bert-tfjs';
import type { Config } from '../pipeline/config.js';
import { InputError } from '../pipeline/errors.js';

export interface PreparedModel {
  readonly config: BertConfig;
  /** All tensors of the classifier; those that the pretrained model lacks are random. */
  readonly weights: StateDict;
  readonly tokenizer: Tokenizer;
}

/**
 * Loads the pretrained model and makes it a classifier of the data set's labels.
 *
 * @param folder the pretrained model, in Hugging Face's layout
 * @throws CheckpointError when a file is missing or damaged
 * @throws InputError when the model does not read as many tokens as `dataset.max_length`
 */
export async function prepareModel(
  folder: string,
  labels: readonly string[],
  { dataset, train }: Pick<Config, 'dataset' | 'train'>,
): Promise<PreparedModel> {
  const { config: pretrained, weights, tokenizer } = await loadPretrained(folder);
  const longest = maxTokens(pretrained);
  if (dataset.max_length > longest) {
    throw new InputError(
      `dataset.max_length is ${dataset.max_length}, but the model reads ${longest} tokens at most.`,
      { fix: `Set dataset.max_length to ${longest} or less.` },
    );
  }
  const config: BertConfig = {
    ...pretrained,
    labels: [...labels],
    hiddenDropoutProb: train.dropout,
    attentionProbsDropoutProb: train.dropout,
    classifierDropout: train.dropout,
  };
  const known: StateDict = weights ?? new Map();
  // A classifier for other labels says nothing about these.
  if (pretrained.labels.join('\n') !== labels.join('\n')) {
    for (const name of known.keys()) if (name.startsWith('classifier.')) known.delete(name);
  }
  return {
    config,
    weights: initializeWeights(config, known, train.seed),
    tokenizer: tokenizer.withMaxLength(dataset.max_length),
  };
}
