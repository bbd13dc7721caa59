import type { HiddenAct } from '../config.js';
import type { Tensor, Variable } from '../graph/graph.js';
import {
  add,
  biasAdd,
  biasAddGradient,
  erf,
  exp,
  multiply,
  relu,
  reluGradient,
  square,
  tanh,
  tanhGradient,
} from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';

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

// The numbers by which the fused op knows them.
const KINDS: Record<HiddenAct, number> = {
  gelu: 0,
  gelu_fast: 1,
  gelu_new: 1,
  gelu_pytorch_tanh: 1,
  relu: 2,
};

/** f(x + bias), with the activation f that a configuration's `hidden_act` names: [n, c] → [n, c]. */
export function biasedActivation(
  pass: ForwardPass,
  name: HiddenAct,
  x: Tensor,
  bias: Variable,
): Differentiable {
  const { graph, computeType, gradients } = pass;
  if (graph.fusedOps) {
    const attributes = { T: { type: computeType }, kind: { int: KINDS[name] } };
    const dtypes = [computeType];
    const inputs = [x, bias.value];
    return {
      output: graph.op('BertActivation', inputs, attributes, { dtypes })[0],
      backward(dy) {
        const [dx, dBias] = graph.op('BertActivationGrad', [dy, ...inputs], attributes, {
          dtypes: [computeType, 'float32'],
        }) as [Tensor, Tensor];
        gradients.set(bias, dBias);
        return dx;
      },
    };
  }
  const activated = activation(name, biasAdd(graph.cast(x, 'float32'), bias.value));
  return {
    output: activated.output,
    backward(dy) {
      const dx = activated.backward(graph.cast(dy, 'float32'));
      gradients.set(bias, biasAddGradient(dx));
      return dx;
    },
  };
}
