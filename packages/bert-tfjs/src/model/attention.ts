import type { Tensor } from '../graph/graph.js';
import { batchMatMul, concat, matMul, reshape, slice } from '../graph/ops.js';
import { computeValue, type Differentiable, type ForwardPass } from './differentiable.js';
import { maskedSoftmax, mergeHeads, type Sequences, splitHeads } from './heads.js';
import { product } from './linear.js';
import type { LinearParameters } from './parameters.js';

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1).
 * q [batch, heads, queries, size], k and v [batch, heads, length, size] → as q.
 */
function scaledDotProduct(
  pass: ForwardPass,
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  sequences: Sequences,
) {
  const scores = batchMatMul(q, k, { transposeB: true });
  const probabilities = maskedSoftmax(pass, scores, sequences);
  return {
    output: batchMatMul(probabilities.output, v),
    /** The gradients of q, k and v. */
    backward(dy: Tensor): [Tensor, Tensor, Tensor] {
      const dv = batchMatMul(probabilities.output, dy, { transposeA: true });
      const ds = probabilities.backward(batchMatMul(dy, v, { transposeB: true }));
      return [batchMatMul(ds, k), batchMatMul(ds, q, { transposeA: true }), dv];
    },
  };
}

/** Multi-head self-attention without its output projection: x [batch·length, hidden] → the same. */
export function selfAttention(
  pass: ForwardPass,
  x: Tensor,
  { weight, bias }: LinearParameters,
  sequences: Sequences,
): Differentiable {
  const { length, heads, hiddenSize } = sequences;
  const projected = product(pass, x, weight);
  const whole = { parts: 3, length, heads, hiddenSize };
  const qkv = splitHeads(pass, projected.output, whole, bias.value);
  const attended = scaledDotProduct(pass, qkv as [Tensor, Tensor, Tensor], sequences);
  return {
    output: mergeHeads(pass, [attended.output], hiddenSize).merged,
    backward(dy) {
      const [d] = splitHeads(pass, dy, { ...whole, parts: 1 });
      const { merged, sums } = mergeHeads(pass, attended.backward(d!), hiddenSize);
      pass.gradients.set(bias, sums);
      return projected.backward(merged);
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
  const compute = (tensor: Tensor) => graph.cast(tensor, computeType);
  const w = computeValue(pass, weight);
  const wq = slice(w, [0, 0], [hiddenSize, -1]);
  const wkv = slice(w, [hiddenSize, 0], [-1, -1]);
  const biasOf = (begin: number, count: number) => slice(bias.value, [begin], [count]);
  const query = { parts: 1, length: 1, heads, hiddenSize } as const;
  const qs = matMul(compute(first), wq, { transposeB: true });
  const kvs = matMul(compute(x), wkv, { transposeB: true });
  const [q] = splitHeads(pass, qs, query, biasOf(0, hiddenSize));
  const keysAndValues = { parts: 2, length, heads, hiddenSize };
  const [k, v] = splitHeads(pass, kvs, keysAndValues, biasOf(hiddenSize, -1));
  const attended = scaledDotProduct(pass, [q!, k!, v!], sequences);
  return {
    output: reshape(attended.output, [batch, hiddenSize]),
    backward(dy: Tensor): { x: Tensor; first: Tensor } {
      const [d] = splitHeads(pass, dy, query);
      const [dq, dk, dv] = attended.backward(d!);
      const { merged: dqs, sums: dqBias } = mergeHeads(pass, [dq], hiddenSize);
      const { merged: dkvs, sums: dkvBias } = mergeHeads(pass, [dk, dv], hiddenSize);
      const dwq = matMul(dqs, compute(first), { transposeA: true });
      const dwkv = matMul(dkvs, compute(x), { transposeA: true });
      gradients.set(weight, concat([dwq, dwkv], 0));
      gradients.set(bias, concat([dqBias, dkvBias], 0));
      return { x: matMul(dkvs, wkv), first: matMul(dqs, wq) };
    },
  };
}
