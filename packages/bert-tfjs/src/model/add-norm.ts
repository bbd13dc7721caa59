import type { Tensor, Variable } from '../graph/graph.js';
import { add, biasAdd, biasAddGradient } from '../graph/ops.js';
import type { ForwardPass } from './differentiable.js';
import { dropout, dropoutAttributes } from './dropout.js';
import { layerNorm } from './layer-norm.js';
import type { LayerNormParameters } from './parameters.js';

/** Hidden states [n, hidden], twice where types differ. */
export interface Hidden {
  /** What the next matrix product takes. */
  readonly value: Tensor;
  /** What the next residual connection adds: float32. */
  readonly wide: Tensor;
}

export interface AddNormInputs {
  /** What the sublayer's last matrix product gave: [n, hidden]. */
  readonly product: Tensor;
  /** Of that product. */
  readonly bias: Variable;
  /** The sublayer's own input. */
  readonly residual: Tensor;
  readonly norm: LayerNormParameters;
  readonly rate: number;
  readonly epsilon: number;
}

/** The end of a sublayer (Vaswani et al. 2017, 5.4): LayerNorm(dropout(product + bias) + residual). */
export interface AddNorm {
  readonly output: Hidden;
  /** Takes the output's gradient as a sum of one or two tensors. */
  backward(gradient: readonly Tensor[]): { product: Tensor; residual: Tensor };
}

export function addNorm(pass: ForwardPass, inputs: AddNormInputs): AddNorm {
  return pass.graph.fusedOps ? fusedAddNorm(pass, inputs) : composedAddNorm(pass, inputs);
}

function composedAddNorm(
  pass: ForwardPass,
  { product, bias, residual, norm, rate, epsilon }: AddNormInputs,
): AddNorm {
  const biased = biasAdd(pass.graph.cast(product, 'float32'), bias.value);
  const kept = dropout(pass, biased, rate);
  const normalized = layerNorm(pass, add(kept.output, residual), norm, epsilon);
  return {
    output: { value: normalized.output, wide: normalized.output },
    backward(gradient) {
      const d = normalized.backward(sumInFloat32(gradient));
      const dBiased = kept.backward(d);
      pass.gradients.set(bias, biasAddGradient(dBiased));
      return { product: dBiased, residual: d };
    },
  };
}

function fusedAddNorm(
  pass: ForwardPass,
  { product, bias, residual, norm, rate, epsilon }: AddNormInputs,
): AddNorm {
  const { graph, computeType, gradients } = pass;
  const T = { type: computeType } as const;
  const { seed, ...place } = dropoutAttributes(pass, rate);
  const [value, wide, normalized, inverse] = graph.op(
    'BertAddNorm',
    [product, norm.weight.value, norm.bias.value, seed, bias.value, residual],
    { T, B: { int: 1 }, R: { int: 1 }, epsilon: { float: epsilon }, ...place },
    { dtypes: [computeType, 'float32', computeType, 'float32'] },
  ) as [Tensor, Tensor, Tensor, Tensor];
  return {
    output: { value, wide },
    backward([d, ...others]) {
      const [dResidual, dProduct, dWeight, dOffset, dBias] = graph.op(
        'BertAddNormGrad',
        [graph.cast(d!, computeType), normalized, inverse, norm.weight.value, seed, ...others],
        { T, R: { int: others.length }, ...place },
        { dtypes: ['float32', computeType, 'float32', 'float32', 'float32'] },
      ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
      gradients.set(norm.weight, dWeight);
      gradients.set(norm.bias, dOffset);
      gradients.set(bias, dBias);
      return { product: dProduct, residual: dResidual };
    },
  };
}

/** The sum of a gradient's parts. */
export const sumInFloat32 = (parts: readonly Tensor[]): Tensor =>
  parts.map((part) => part.graph.cast(part, 'float32')).reduce(add);
