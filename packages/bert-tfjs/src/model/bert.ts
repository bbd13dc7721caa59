import type { BertConfig } from '../config.js';
import type { Tensor } from '../graph/graph.js';
import { add, less, multiply, range, reshape, shapeOf } from '../graph/ops.js';
import { type Hidden, sumInFloat32 } from './add-norm.js';
import { classificationHead } from './classification-head.js';
import type { ForwardPass } from './differentiable.js';
import { embeddings } from './embeddings.js';
import { type EncoderLayer, encoderLayer, firstTokenEncoderLayer } from './encoder-layer.js';
import type { Sequences } from './heads.js';
import type { BertParameters } from './parameters.js';

/** What one run is fed with. */
export interface BertInputs {
  /** Token ids, each row padded to the longest of the batch: int32 [batch, length]. */
  readonly inputIds: Tensor;
  /** Tokens in each row that are no padding: int32 [batch]. */
  readonly lengths: Tensor;
}

// Less than any score by enough that softmax gives 0, and far from float32's end.
const MASKED = -1e9;

/**
 * BERT, ELECTRA or RoBERTa with a classifier on the first token (transformers'
 * `…ForSequenceClassification`).
 *
 * @returns logits [batch, labels]; `backward` stores the gradients of the classification head and
 * the top `unfrozenLayers` layers, and of the embeddings where no layer is frozen
 */
export function bertForSequenceClassification(
  pass: ForwardPass,
  { inputIds, lengths }: BertInputs,
  parameters: BertParameters,
  config: BertConfig,
): { logits: Tensor; backward(dLogits: Tensor, unfrozenLayers: number): void } {
  const { graph } = pass;
  const [batch, length] = shapeOf(inputIds, 2) as [Tensor, Tensor];
  const isToken = less(range(length), reshape(lengths, [-1, 1]));
  const paddingBias = multiply(add(graph.cast(isToken, 'float32'), -1), -MASKED);
  const sequences: Sequences = {
    batch,
    length,
    heads: config.numAttentionHeads,
    hiddenSize: config.hiddenSize,
    lengths,
    paddingBias: reshape(paddingBias, [batch, 1, 1, length]),
    dropoutRate: config.attentionProbsDropoutProb,
  };

  const embedded = embeddings(pass, inputIds, length, parameters, config);
  const layers: EncoderLayer[] = [];
  let x: Hidden = { value: embedded.output, wide: embedded.output };
  for (const [i, layer] of parameters.layers.entries()) {
    const top = i === parameters.layers.length - 1;
    const encode = top ? firstTokenEncoderLayer : encoderLayer;
    layers.push(encode(pass, x, layer, sequences, config));
    x = layers[i]!.output;
  }
  const head = classificationHead(pass, x.wide, parameters.head, config);

  return {
    logits: head.output,
    backward(dLogits, unfrozenLayers) {
      const frozen = layers.length - unfrozenLayers;
      let d: readonly Tensor[] = [head.backward(dLogits)];
      for (let i = layers.length - 1; i >= Math.max(frozen, 0); i--) d = layers[i]!.backward(d);
      if (frozen <= 0) embedded.backward(sumInFloat32(d));
    },
  };
}
