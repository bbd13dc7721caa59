import type { HiddenAct } from '../config.js';
import type { Tensor } from '../graph/graph.js';
import {
  add,
  erf,
  exp,
  multiply,
  relu,
  reluGradient,
  square,
  tanh,
  tanhGradient,
} from '../graph/ops.js';
import type { Differentiable } from './differentiable.js';

/** GELU (Hendrycks and Gimpel 2016): x Φ(x), with Φ the normal distribution's cdf. */
function gelu(x: Tensor): Differentiable {
  const cdf = multiply(add(erf(multiply(x, Math.SQRT1_2)), 1), 0.5);
  return {
    output: multiply(x, cdf),
    backward(dy) {
      const density = multiply(exp(multiply(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return multiply(dy, add(cdf, multiply(x, density)));
    },
  };
}

/** GELU by its tanh approximation: ½x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
function geluTanh(x: Tensor): Differentiable {
  const scale = Math.sqrt(2 / Math.PI);
  const xx = square(x);
  const t = tanh(multiply(multiply(x, add(multiply(xx, 0.044715), 1)), scale));
  const half = multiply(add(t, 1), 0.5);
  return {
    output: multiply(x, half),
    backward(dy) {
      const inner = multiply(add(multiply(xx, 3 * 0.044715), 1), scale);
      const slope = multiply(multiply(multiply(x, 0.5), add(multiply(square(t), -1), 1)), inner);
      return multiply(dy, add(half, slope));
    },
  };
}

function rectifier(x: Tensor): Differentiable {
  const output = relu(x);
  return { output, backward: (dy) => reluGradient(dy, output) };
}

/** y = tanh x. */
export function tanhActivation(x: Tensor): Differentiable {
  const output = tanh(x);
  return { output, backward: (dy) => tanhGradient(output, dy) };
}

const ACTIVATIONS: Record<HiddenAct, (x: Tensor) => Differentiable> = {
  gelu,
  gelu_fast: geluTanh,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  relu: rectifier,
};

/** The activation that a configuration's `hidden_act` names, element by element. */
export const activation = (name: HiddenAct, x: Tensor): Differentiable => ACTIVATIONS[name](x);
