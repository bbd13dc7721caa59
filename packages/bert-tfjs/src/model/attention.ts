import type { Tensor } from '../graph/graph.js';
import {
  add,
  batchMatMul,
  biasAdd,
  biasAddGradient,
  concat,
  matMul,
  multiply,
  pack,
  reshape,
  slice,
  softmax,
  subtract,
  sum,
  transpose,
  unpack,
} from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import type { LinearParameters } from './parameters.js';

/** The shape of a batch of token sequences, known at run time, and of the attention over them. */
export interface Sequences {
  /** int32 scalars. */
  readonly batch: Tensor;
  readonly length: Tensor;
  readonly heads: number;
  readonly hiddenSize: number;
  /** Added to the scores: 0 for tokens, very negative for padding. [batch, 1, 1, length] */
  readonly paddingBias: Tensor;
  readonly dropoutRate: number;
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1).
 * q [batch, heads, queries, size], k and v [batch, heads, length, size] → as q.
 */
function scaledDotProduct(
  pass: ForwardPass,
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  { heads, hiddenSize, paddingBias, dropoutRate }: Sequences,
) {
  const { graph, computeType } = pass;
  const compute = (tensor: Tensor) => graph.cast(tensor, computeType);
  const float = (tensor: Tensor) => graph.cast(tensor, 'float32');
  const scale = 1 / Math.sqrt(hiddenSize / heads);
  const scores = multiply(float(batchMatMul(q, k, { transposeB: true })), scale);
  const probabilities = softmax(add(scores, paddingBias));
  const kept = dropout(pass, probabilities, dropoutRate);
  return {
    output: batchMatMul(compute(kept.output), v),
    /** The gradients of q, k and v. */
    backward(dy: Tensor): [Tensor, Tensor, Tensor] {
      const dv = batchMatMul(compute(kept.output), dy, { transposeA: true });
      const dp = kept.backward(float(batchMatMul(dy, v, { transposeB: true })));
      const total = sum(multiply(dp, probabilities), [-1], true);
      const ds = compute(multiply(multiply(probabilities, subtract(dp, total)), scale));
      return [batchMatMul(ds, k), batchMatMul(ds, q, { transposeA: true }), dv];
    },
  };
}

/** Multi-head self-attention without its output projection: x [batch·length, hidden] → the same. */
export function selfAttention(
  pass: ForwardPass,
  x: Tensor,
  parameters: LinearParameters,
  sequences: Sequences,
): Differentiable {
  const { batch, length, heads, hiddenSize } = sequences;
  const size = hiddenSize / heads;
  const projected = linear(pass, x, parameters);
  const qkv = reshape(pass.graph.cast(projected.output, pass.computeType), [
    -1,
    length,
    3,
    heads,
    size,
  ]);
  const [q, k, v] = unpack(transpose(qkv, [2, 0, 3, 1, 4]), 3) as [Tensor, Tensor, Tensor];
  const attended = scaledDotProduct(pass, [q, k, v], sequences);
  return {
    output: reshape(transpose(attended.output, [0, 2, 1, 3]), [-1, hiddenSize]),
    backward(dy) {
      const split = reshape(pass.graph.cast(dy, pass.computeType), [batch, length, heads, size]);
      const dqkv = pack(attended.backward(transpose(split, [0, 2, 1, 3])));
      return projected.backward(reshape(transpose(dqkv, [1, 3, 0, 2, 4]), [-1, 3 * hiddenSize]));
    },
  };
}

/**
 * {@link selfAttention} of the first token's query alone. The classifier sees nothing else of the
 * top layer, so this is exact, and saves most of that layer.
 *
 * @param x [batch·length, hidden], for keys and values
 * @param first [batch, hidden], the rows of `x` at position 0
 * @returns [batch, hidden]; `backward` gives the gradients of `x` and of `first`
 */
export function firstTokenAttention(
  pass: ForwardPass,
  x: Tensor,
  first: Tensor,
  { weight, bias }: LinearParameters,
  sequences: Sequences,
) {
  const { graph, computeType, gradients } = pass;
  const { batch, length, heads, hiddenSize } = sequences;
  const size = hiddenSize / heads;
  const compute = (tensor: Tensor) => graph.cast(tensor, computeType);
  const float = (tensor: Tensor) => graph.cast(tensor, 'float32');
  const w = compute(weight.value);
  const wq = slice(w, [0, 0], [hiddenSize, -1]);
  const wkv = slice(w, [hiddenSize, 0], [-1, -1]);
  const project = (input: Tensor, part: Tensor, begin: number, count: number) =>
    compute(
      biasAdd(
        float(matMul(compute(input), part, { transposeB: true })),
        slice(bias.value, [begin], [count]),
      ),
    );
  const q = reshape(project(first, wq, 0, hiddenSize), [batch, heads, 1, size]);
  const kv = reshape(project(x, wkv, hiddenSize, -1), [batch, length, 2, heads, size]);
  const [k, v] = unpack(transpose(kv, [2, 0, 3, 1, 4]), 2) as [Tensor, Tensor];
  const attended = scaledDotProduct(pass, [q, k, v], sequences);
  return {
    output: reshape(attended.output, [batch, hiddenSize]),
    backward(dy: Tensor): { x: Tensor; first: Tensor } {
      const [dqHeads, dk, dv] = attended.backward(reshape(compute(dy), [batch, heads, 1, size]));
      const dq = reshape(dqHeads, [batch, hiddenSize]);
      const dkv = reshape(transpose(pack([dk, dv]), [1, 3, 0, 2, 4]), [-1, 2 * hiddenSize]);
      const dwq = matMul(dq, compute(first), { transposeA: true });
      const dwkv = matMul(dkv, compute(x), { transposeA: true });
      gradients.set(weight, float(concat([dwq, dwkv], 0)));
      gradients.set(bias, concat([biasAddGradient(float(dq)), biasAddGradient(float(dkv))], 0));
      return { x: float(matMul(dkv, wkv)), first: float(matMul(dq, wq)) };
    },
  };
}
