import type { Tensor } from '../graph/graph.js';
import {
  add,
  biasAddGradient,
  mean,
  multiply,
  rsqrt,
  squaredDifference,
  subtract,
  sum,
} from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';
import type { LayerNormParameters } from './parameters.js';

/** Layer normalization over the last axis (Ba et al. 2016): float32 [n, hidden] → [n, hidden]. */
export function layerNorm(
  pass: ForwardPass,
  x: Tensor,
  parameters: LayerNormParameters,
  epsilon: number,
): Differentiable {
  const norm = pass.graph.fusedOps ? fusedLayerNorm : composedLayerNorm;
  return norm(pass, x, parameters, epsilon);
}

function composedLayerNorm(
  { gradients }: ForwardPass,
  x: Tensor,
  { weight, bias }: LayerNormParameters,
  epsilon: number,
): Differentiable {
  const mu = mean(x, [1], true);
  const inverseDeviation = rsqrt(add(mean(squaredDifference(x, mu), [1], true), epsilon));
  const normalized = multiply(subtract(x, mu), inverseDeviation);
  return {
    output: add(multiply(normalized, weight.value), bias.value),
    backward(dy) {
      gradients.set(weight, sum(multiply(dy, normalized), [0]));
      gradients.set(bias, biasAddGradient(dy));
      const d = multiply(dy, weight.value);
      const shift = mean(d, [1], true);
      const stretch = mean(multiply(d, normalized), [1], true);
      return multiply(
        inverseDeviation,
        subtract(subtract(d, shift), multiply(normalized, stretch)),
      );
    },
  };
}

/** BertAddNorm without anything to add. */
function fusedLayerNorm(
  { graph, gradients }: ForwardPass,
  x: Tensor,
  { weight, bias }: LayerNormParameters,
  epsilon: number,
): Differentiable {
  const seed = graph.constant([0, 0], 'int32');
  const T = { type: 'float32' } as const;
  const alone = { T, R: { int: 0 }, rate: { float: 0 }, place: { int: 0 } };
  const [output, , normalized, inverse] = graph.op(
    'BertAddNorm',
    [x, weight.value, bias.value, seed],
    { ...alone, B: { int: 0 }, epsilon: { float: epsilon } },
    { dtypes: ['float32', 'float32', 'float32', 'float32'] },
  ) as [Tensor, Tensor, Tensor, Tensor];
  return {
    output,
    backward(dy) {
      const [, dx, dWeight, dOffset] = graph.op(
        'BertAddNormGrad',
        [dy, normalized, inverse, weight.value, seed],
        alone,
        { dtypes: ['float32', 'float32', 'float32', 'float32', 'float32'] },
      ) as [Tensor, Tensor, Tensor, Tensor];
      gradients.set(weight, dWeight);
      gradients.set(bias, dOffset);
      return dx;
    },
  };
}
