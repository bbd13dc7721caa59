import type { BertConfig } from '../config.js';
import { FAMILIES } from '../family.js';
import type { Tensor } from '../graph/graph.js';
import {
  add,
  cumsum,
  gather,
  multiply,
  notEqual,
  padEnd,
  range,
  reshape,
  slice,
  sum,
  unsortedSegmentSum,
} from '../graph/ops.js';
import type { ForwardPass } from './differentiable.js';
import { dropout } from './dropout.js';
import { layerNorm } from './layer-norm.js';
import { linear } from './linear.js';
import type { BertParameters } from './parameters.js';

/**
 * The sum of a token's embedding, its position's and that of segment 0, normalized, and projected to
 * the encoder's width where it is another (ELECTRA). Single sentences are all that a text classifier
 * sees, so every token is of segment 0.
 *
 * @param inputIds int32 [batch, length]
 * @param length int32 scalar
 * @returns [batch·length, hidden]
 */
export function embeddings(
  pass: ForwardPass,
  inputIds: Tensor,
  length: Tensor,
  parameters: BertParameters,
  config: BertConfig,
): { output: Tensor; backward(dy: Tensor): void } {
  const { embeddingSize, maxPositionEmbeddings, typeVocabSize, vocabSize } = config;
  const { wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings } = parameters;
  const { places, perText } = positionIds(inputIds, length, config);
  const positions = gather(positionEmbeddings.value, places);
  const segment = slice(tokenTypeEmbeddings.value, [0, 0], [1, -1]);
  const words = gather(wordEmbeddings.value, inputIds);
  const total = reshape(add(words, add(positions, segment)), [-1, embeddingSize]);
  const normalized = layerNorm(pass, total, parameters.embeddingsLayerNorm, config.layerNormEps);
  const kept = dropout(pass, normalized.output, config.hiddenDropoutProb);
  const projected =
    parameters.embeddingsProject && linear(pass, kept.output, parameters.embeddingsProject);
  return {
    output: projected?.output ?? kept.output,
    backward(dy) {
      const d = normalized.backward(kept.backward(projected?.backward(dy) ?? dy));
      const ids = reshape(inputIds, [-1]);
      const byPosition = sum(reshape(d, [-1, length, embeddingSize]), [0]);
      const bySegment = sum(byPosition, [0], true);
      pass.gradients.set(wordEmbeddings, unsortedSegmentSum(d, ids, vocabSize));
      pass.gradients.set(
        positionEmbeddings,
        unsortedSegmentSum(perText ? d : byPosition, reshape(places, [-1]), maxPositionEmbeddings),
      );
      pass.gradients.set(tokenTypeEmbeddings, padEnd(bySegment, [typeVocabSize - 1, 0]));
    },
  };
}

/**
 * Rows of the position embeddings: 0, 1, … [length]; in RoBERTa padding_idx + 1, … for the tokens of
 * each text that are no padding, and padding_idx for those that are [batch, length]. A text may hold
 * the padding token by its name.
 */
function positionIds(
  inputIds: Tensor,
  length: Tensor,
  { modelType, padTokenId }: BertConfig,
): { places: Tensor; perText: boolean } {
  if (!FAMILIES[modelType].positionsAfterPadding) return { places: range(length), perText: false };
  const isToken = inputIds.graph.cast(notEqual(inputIds, padTokenId), 'int32');
  return { places: add(multiply(cumsum(isToken, 1), isToken), padTokenId), perText: true };
}
