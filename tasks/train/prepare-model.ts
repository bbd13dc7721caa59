import {
  type BertConfig,
  initializeWeights,
  loadPretrained,
  type StateDict,
  type Tokenizer,
} from 'bert-tfjs';
import { checkMaxLength } from '../fetch/max-length.js';
import type { Config } from '../pipeline/config.js';

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
  checkMaxLength(pretrained, dataset.max_length);
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
