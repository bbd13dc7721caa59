import type { Tensor } from '../graph/graph.js';
import {
  add,
  biasAdd,
  biasAddGradient,
  multiply,
  pack,
  reshape,
  softmax,
  subtract,
  sum,
  transpose,
  unpack,
} from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import { dropout, dropoutAttributes } from './dropout.js';

/** The shape of a batch of token sequences, known at run time, and of the attention over them. */
export interface Sequences {
  /** int32 scalars. */
  readonly batch: Tensor;
  readonly length: Tensor;
  readonly heads: number;
  readonly hiddenSize: number;
  /** Tokens in each row that are no padding: int32 [batch]. */
  readonly lengths: Tensor;
  /** Added to the scores: 0 for tokens, very negative for padding. [batch, 1, 1, length] */
  readonly paddingBias: Tensor;
  readonly dropoutRate: number;
}

/**
 * x (+ bias) by heads: [batch·length, parts·hidden] → as many tensors [batch, heads, length, size] of
 * the compute type.
 *
 * @param length int32 scalar or 1: of the sequences in `x`, which need not be all of the batch's
 */
export function splitHeads(
  { graph, computeType }: ForwardPass,
  x: Tensor,
  {
    parts,
    length,
    heads,
    hiddenSize,
  }: Pick<Sequences, 'heads' | 'hiddenSize'> & {
    parts: number;
    length: Tensor | 1;
  },
  bias?: Tensor,
): Tensor[] {
  if (graph.fusedOps) {
    const size = length === 1 ? graph.constant(1, 'int32') : length;
    return graph.op(
      'BertSplitHeads',
      [graph.cast(x, computeType), size, ...(bias ? [bias] : [])],
      {
        T: { type: computeType },
        heads: { int: heads },
        P: { int: parts },
        B: { int: bias ? 1 : 0 },
      },
      { dtypes: Array(parts).fill(computeType) },
    );
  }
  const biased = bias ? biasAdd(graph.cast(x, 'float32'), bias) : x;
  const byPart = reshape(graph.cast(biased, computeType), [
    -1,
    length,
    parts,
    heads,
    hiddenSize / heads,
  ]);
  return unpack(transpose(byPart, [2, 0, 3, 1, 4]), parts);
}

/**
 * The inverse of {@link splitHeads} without bias.
 *
 * @returns also the sum of each column: the gradient of a bias, float32 [parts·hidden]
 */
export function mergeHeads(
  { graph, computeType }: ForwardPass,
  parts: readonly [Tensor, ...Tensor[]],
  hiddenSize: number,
): { merged: Tensor; sums: Tensor } {
  if (graph.fusedOps) {
    const [merged, sums] = graph.op(
      'BertMergeHeads',
      parts,
      { T: { type: computeType }, P: { int: parts.length } },
      { dtypes: [computeType, 'float32'] },
    ) as [Tensor, Tensor];
    return { merged, sums };
  }
  const byToken = transpose(pack(parts), [1, 3, 0, 2, 4]);
  const merged = reshape(byToken, [-1, parts.length * hiddenSize]);
  return { merged, sums: biasAddGradient(graph.cast(merged, 'float32')) };
}

/**
 * Attention's probabilities after dropout: softmax(scores / √size) without padding, of
 * scores [batch, heads, queries, length]; all of the compute type.
 */
export function maskedSoftmax(
  pass: ForwardPass,
  scores: Tensor,
  { heads, hiddenSize, lengths, paddingBias, dropoutRate }: Sequences,
): Differentiable {
  const { graph, computeType } = pass;
  const scale = 1 / Math.sqrt(hiddenSize / heads);
  if (graph.fusedOps) {
    const { seed, ...place } = dropoutAttributes(pass, dropoutRate);
    const attributes = { T: { type: computeType }, scale: { float: scale }, ...place };
    const [p, dropped] = graph.op('BertSoftmax', [scores, lengths, seed], attributes, {
      dtypes: [computeType, computeType],
    }) as [Tensor, Tensor];
    return {
      output: place.rate.float > 0 ? dropped : p,
      backward: (dy) =>
        graph.op('BertSoftmaxGrad', [dy, p, seed], attributes, { dtypes: [computeType] })[0],
    };
  }
  const float = (tensor: Tensor) => graph.cast(tensor, 'float32');
  const probabilities = softmax(add(multiply(float(scores), scale), paddingBias));
  const kept = dropout(pass, probabilities, dropoutRate);
  return {
    output: graph.cast(kept.output, computeType),
    backward(dy) {
      const dp = kept.backward(float(dy));
      const total = sum(multiply(dp, probabilities), [-1], true);
      const ds = multiply(multiply(probabilities, subtract(dp, total)), scale);
      return graph.cast(ds, computeType);
    },
  };
}
