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

/** Layer normalization over the last axis (Ba et al. 2016): [n, hidden] → [n, hidden]. */
export function layerNorm(
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
