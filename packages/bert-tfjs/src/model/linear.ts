import type { Tensor, Variable } from '../graph/graph.js';
import { biasAdd, biasAddGradient, matMul } from '../graph/ops.js';
import { computeValue, type Differentiable, type ForwardPass } from './differentiable.js';
import type { LinearParameters } from './parameters.js';

/** y = x Wᵀ: [n, in] → [n, out] of the compute type. */
export function product(pass: ForwardPass, x: Tensor, weight: Variable): Differentiable {
  const { graph, computeType, gradients } = pass;
  const compute = (tensor: Tensor) => graph.cast(tensor, computeType);
  const w = computeValue(pass, weight);
  return {
    output: matMul(compute(x), w, { transposeB: true }),
    backward(dy) {
      gradients.set(weight, matMul(compute(dy), compute(x), { transposeA: true }));
      return matMul(compute(dy), w);
    },
  };
}

/** y = x Wᵀ + b: [n, in] → [n, out] of float32. */
export function linear(
  pass: ForwardPass,
  x: Tensor,
  { weight, bias }: LinearParameters,
): Differentiable {
  const float = (tensor: Tensor) => pass.graph.cast(tensor, 'float32');
  const projected = product(pass, x, weight);
  return {
    output: biasAdd(float(projected.output), bias.value),
    backward(dy) {
      pass.gradients.set(bias, biasAddGradient(float(dy)));
      return float(projected.backward(dy));
    },
  };
}
