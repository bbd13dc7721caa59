import type { Graph, Tensor, Variable } from '../graph/graph.js';
import { add, addN, divide, l2Loss, minimum, multiply, sqrt } from '../graph/ops.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** The variables that AdamW keeps beside a weight: running means of its gradient and its square. */
export const momentNames = (name: string): [string, string] => [`adam/${name}/m`, `adam/${name}/v`];

export interface AdamWOptions {
  readonly weightDecay: number;
  /** Gradients of a greater norm are scaled down to it; 0: none are. */
  readonly maxGradNorm: number;
  /** Variables that hold weights' values in bfloat16: updated with them (fused ops only). */
  readonly copies?: ReadonlyMap<Variable, Variable> | undefined;
}

/** An update's scalars, and the factor by which all gradients are scaled down. */
interface Step {
  readonly learningRate: Tensor;
  readonly beta1Power: Tensor;
  readonly beta2Power: Tensor;
  readonly clip: Tensor;
}

/**
 * Adds an AdamW step (Loshchilov and Hutter 2019) with PyTorch's arithmetic: gradients clipped to
 * a global norm, weight decay on matrices only (not on biases and layer normalization).
 *
 * @returns the gradients' norm before clipping (a scalar), once all variables are updated
 */
export function adamW(
  graph: Graph,
  gradients: ReadonlyMap<Variable, Tensor>,
  options: AdamWOptions,
): Tensor {
  const scalar = (name: string) => graph.placeholder(name, 'float32');
  const squares = [...gradients.values()].map((gradient) => squareSum(graph, gradient));
  const norm = sqrt(addN(squares as [Tensor]));
  const step = {
    learningRate: scalar('learning_rate'),
    beta1Power: scalar('beta1_power'),
    beta2Power: scalar('beta2_power'),
    clip:
      options.maxGradNorm > 0
        ? minimum(divide(graph.constant(options.maxGradNorm), add(norm, 1e-6)), 1)
        : add(multiply(norm, 0), 1), // waits for the gradients as well
  };
  const update = graph.fusedOps ? fusedUpdate : composedUpdate(graph, step, options);
  // Every moment is set to a product of its own: TensorFlow would make equal zeros one tensor, and
  // the fused update changes memory where it lies.
  const zero = ['zero_m', 'zero_v'].map(scalar);
  const reset: Tensor[] = [];
  const updates = [...gradients].map(([weight, gradient]) => {
    const moments = momentNames(weight.name).map((name) => graph.variable(name, weight.shape));
    moments.forEach((moment, i) => {
      reset.push(graph.assign(moment, multiply(weight.value, zero[i]!)));
    });
    return update(weight, moments as [Variable, Variable], gradient, step, options);
  });
  graph.done('reset_moments', reset);
  return graph.output('gradient_norm', norm, updates);
}

function squareSum(graph: Graph, x: Tensor): Tensor {
  if (!graph.fusedOps) return multiply(l2Loss(graph.cast(x, 'float32')), 2);
  return graph.op('BertSquareSum', [x], { T: { type: x.dtype } })[0];
}

type Update = (
  weight: Variable,
  moments: readonly [Variable, Variable],
  gradient: Tensor,
  step: Step,
  options: AdamWOptions,
) => Tensor;

const decayOf = ({ shape }: Variable, { weightDecay }: AdamWOptions) =>
  shape.length > 1 ? weightDecay : 0;

/**
 * Changes the variables' memory where it lies. All that reads them in the step comes before, because
 * it takes part in some gradient, and so in the norm that every update waits for.
 */
const fusedUpdate: Update = (weight, [m, v], gradient, step, options) => {
  const copy = options.copies?.get(weight);
  return weight.value.graph.op(
    'BertAdamW',
    [
      weight.value,
      m.value,
      v.value,
      gradient,
      step.clip,
      step.learningRate,
      step.beta1Power,
      step.beta2Power,
      ...(copy ? [copy.value] : []),
    ],
    {
      T: { type: gradient.dtype },
      C: { int: copy ? 1 : 0 },
      beta1: { float: BETA1 },
      beta2: { float: BETA2 },
      epsilon: { float: EPSILON },
      weight_decay: { float: decayOf(weight, options) },
    },
    { dtypes: ['int32'] },
  )[0];
};

function composedUpdate(graph: Graph, step: Step, options: AdamWOptions): Update {
  const decayed = add(multiply(step.learningRate, -options.weightDecay), 1);
  // TensorFlow adds epsilon before the bias correction of the second moment, PyTorch after it.
  const epsilon = multiply(sqrt(add(multiply(step.beta2Power, -1), 1)), EPSILON);
  return (weight, [m, v], gradient) => {
    const shrink = () => graph.assign(weight, multiply(weight.value, decayed), [step.clip]);
    return graph.op(
      'ResourceApplyAdam',
      [
        weight.handle,
        m.handle,
        v.handle,
        step.beta1Power,
        step.beta2Power,
        step.learningRate,
        graph.constant(BETA1),
        graph.constant(BETA2),
        epsilon,
        multiply(graph.cast(gradient, 'float32'), step.clip),
      ],
      { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } },
      {
        dtypes: ['resource'],
        after: [decayOf(weight, options) > 0 ? shrink() : step.clip],
      },
    )[0];
  };
}

/** What the node `reset_moments` is fed with. */
export const resetFeeds = () => ({
  zero_m: { shape: [], data: Float32Array.of(0) },
  zero_v: { shape: [], data: Float32Array.of(0) },
});

/** The scalars that an AdamW step is fed with. `step` counts from 1. */
export function adamWFeeds(step: number, learningRate: number) {
  const scalar = (value: number) => ({ shape: [], data: Float32Array.of(value) });
  return {
    learning_rate: scalar(learningRate),
    beta1_power: scalar(BETA1 ** step),
    beta2_power: scalar(BETA2 ** step),
  };
}
