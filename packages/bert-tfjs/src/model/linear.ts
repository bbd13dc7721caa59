import type { Tensor } from '../graph/graph.js';
import { biasAdd, biasAddGradient, matMul } from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import type { LinearParameters } from './parameters.js';

/** y = x Wᵀ + b: [n, in] → [n, out]. */
export function linear(
  pass: ForwardPass,
  x: Tensor,
  { weight, bias }: LinearParameters,
): Differentiable {
  const { graph, computeType, gradients } = pass;
  const compute = (tensor: Tensor) => graph.cast(tensor, computeType);
  const float = (tensor: Tensor) => graph.cast(tensor, 'float32');
  const product = matMul(compute(x), compute(weight.value), { transposeB: true });
  return {
    output: biasAdd(float(product), bias.value),
    backward(dy) {
      const dw = matMul(compute(dy), compute(x), { transposeA: true });
      gradients.set(weight, float(dw));
      gradients.set(bias, biasAddGradient(float(dy)));
      return float(matMul(compute(dy), compute(weight.value)));
    },
  };
}
