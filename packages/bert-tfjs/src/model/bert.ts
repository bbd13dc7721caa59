import type { BertConfig } from '../config.js';
import type { Tensor } from '../graph/graph.js';
import { add, less, multiply, range, reshape, shapeOf } from '../graph/ops.js';
import { type Hidden, sumInFloat32 } from './add-norm.js';
import { classificationHead } from './classification-head.js';
import type { ForwardPass } from './differentiable.js';
import { embeddings } from './embeddings.js';
import {
  type EncoderLayer,
  encoderLayer,
  firstTokenEncoderLayer,
  recomputedEncoderLayer,
} from './encoder-layer.js';
import type { Sequences } from './heads.js';
import type { BertParameters } from './parameters.js';

/** What one run is fed with. */
export interface BertInputs {
  /** Token ids, each row padded to the longest of the batch: int32 [batch, length]. */
  readonly inputIds: Tensor;
  /** Tokens in each row that are no padding: int32 [batch]. */
  readonly lengths: Tensor;
}

/** What one run is fed with where the bottom layers' output is known already. */
export interface HiddenInputs {
  /** Output of the bottom layers, of the compute type: [batch, length, hidden]. */
  readonly hiddenStates: Tensor;
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
  inputs: BertInputs,
  parameters: BertParameters,
  config: BertConfig,
): { logits: Tensor; backward(dLogits: Tensor, unfrozenLayers: number): void } {
  const { length, sequences } = sequencesOf(pass, inputs.inputIds, inputs.lengths, config);
  const embedded = embeddings(pass, inputs.inputIds, length, parameters, config);
  const x = { value: embedded.output, wide: embedded.output };
  const encoded = encoder(pass, x, parameters, sequences, config);
  const head = classificationHead(pass, encoded.output.wide, parameters.head, config);
  return {
    logits: head.output,
    backward(dLogits, unfrozenLayers) {
      const frozen = parameters.layers.length - unfrozenLayers;
      const d = encoded.backward([head.backward(dLogits)], frozen);
      if (frozen <= 0) embedded.backward(sumInFloat32(d));
    },
  };
}

/**
 * The output of the embeddings and the bottom layers: [batch, length, hidden], or [batch, 1, hidden]
 * where these are all the layers, as the classifier sees the first token only.
 */
export function bottomHiddenStates(
  pass: ForwardPass,
  { inputIds, lengths }: BertInputs,
  parameters: BertParameters,
  config: BertConfig,
  layers: number,
): Tensor {
  const { length, sequences } = sequencesOf(pass, inputIds, lengths, config);
  const embedded = embeddings(pass, inputIds, length, parameters, config).output;
  const x = { value: embedded, wide: embedded };
  const { output } = encoder(pass, x, parameters, sequences, config, { end: layers });
  const all = layers === parameters.layers.length;
  return reshape(output.wide, [-1, all ? 1 : length, config.hiddenSize]);
}

/** {@link bertForSequenceClassification} from the output of the bottom layers on: trains the others. */
export function bertFromHiddenStates(
  pass: ForwardPass,
  { hiddenStates, lengths }: HiddenInputs,
  parameters: BertParameters,
  config: BertConfig,
  layers: number,
): { logits: Tensor; backward(dLogits: Tensor): void } {
  const { sequences } = sequencesOf(pass, hiddenStates, lengths, config);
  const value = reshape(hiddenStates, [-1, config.hiddenSize]);
  const x = { value, wide: pass.graph.cast(value, 'float32') };
  const encoded = encoder(pass, x, parameters, sequences, config, { begin: layers });
  const head = classificationHead(pass, encoded.output.wide, parameters.head, config);
  return {
    logits: head.output,
    backward: (dLogits) => void encoded.backward([head.backward(dLogits)], layers),
  };
}

/** @param x of which the first two axes are batch and length: token ids or hidden states */
function sequencesOf(
  { graph }: ForwardPass,
  x: Tensor,
  lengths: Tensor,
  config: BertConfig,
): { length: Tensor; sequences: Sequences } {
  const [batch, length] = shapeOf(x, x.dtype === 'int32' ? 2 : 3) as [Tensor, Tensor];
  const isToken = less(range(length), reshape(lengths, [-1, 1]));
  const paddingBias = multiply(add(graph.cast(isToken, 'float32'), -1), -MASKED);
  const sequences = {
    batch,
    length,
    heads: config.numAttentionHeads,
    hiddenSize: config.hiddenSize,
    lengths,
    paddingBias: reshape(paddingBias, [batch, 1, 1, length]),
    dropoutRate: config.attentionProbsDropoutProb,
  };
  return { length, sequences };
}

/** The layers from `begin` to before `end`: x [batch·length, hidden] → the same; the top one's: [batch, hidden]. */
function encoder(
  pass: ForwardPass,
  x: Hidden,
  parameters: BertParameters,
  sequences: Sequences,
  config: BertConfig,
  { begin = 0, end = parameters.layers.length }: { begin?: number; end?: number } = {},
): { output: Hidden; backward(d: readonly Tensor[], frozen: number): readonly Tensor[] } {
  const layers: EncoderLayer[] = [];
  let output = x;
  for (const [i, layer] of parameters.layers.entries()) {
    if (i < begin || i >= end) continue;
    const top = i === parameters.layers.length - 1;
    const whole = pass.recompute ? recomputedEncoderLayer : encoderLayer;
    const encode = top ? firstTokenEncoderLayer : whole;
    layers.push(encode(pass, output, layer, sequences, config));
    output = layers.at(-1)!.output;
  }
  return {
    output,
    backward: (d, frozen) =>
      layers
        .slice(Math.max(frozen - begin, 0))
        .reduceRight<readonly Tensor[]>((gradient, layer) => layer.backward(gradient), d),
  };
}
