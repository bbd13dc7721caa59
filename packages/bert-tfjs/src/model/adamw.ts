import type { Graph, Tensor, Variable } from '../graph/graph.js';
import { add, addN, divide, l2Loss, minimum, multiply, sqrt } from '../graph/ops.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** The variables that AdamW keeps beside a weight: running means of its gradient and its square. */
export const momentNames = (name: string): [string, string] => [`adam/${name}/m`, `adam/${name}/v`];

/**
 * Adds an AdamW step (Loshchilov and Hutter 2019) with PyTorch's arithmetic: gradients clipped to
 * a global norm, weight decay on matrices only (not on biases and layer normalization).
 *
 * @returns the gradients' norm before clipping (a scalar), once all variables are updated
 */
export function adamW(
  graph: Graph,
  gradients: ReadonlyMap<Variable, Tensor>,
  { weightDecay, maxGradNorm }: { weightDecay: number; maxGradNorm: number },
): Tensor {
  const scalar = (name: keyof ReturnType<typeof adamWFeeds>) => graph.placeholder(name, 'float32');
  const learningRate = scalar('learning_rate');
  const beta1Power = scalar('beta1_power');
  const beta2Power = scalar('beta2_power');
  const epsilon = scalar('epsilon');
  const type = { type: 'float32' } as const;

  const squares = [...gradients.values()].map(l2Loss) as [Tensor];
  const norm = sqrt(multiply(addN(squares), 2));
  const clip = minimum(divide(graph.constant(maxGradNorm), add(norm, 1e-6)), 1);
  const decayed = add(multiply(learningRate, -weightDecay), 1);

  const updates = [...gradients].map(([variable, gradient]) => {
    const [m, v] = momentNames(variable.name).map((name) => graph.variable(name, variable.shape));
    const isMatrix = variable.shape.length > 1;
    const after = isMatrix
      ? graph.op(
          'AssignVariableOp',
          [variable.handle, multiply(variable.value, decayed)],
          { dtype: type },
          { dtypes: ['resource'], after: [clip] },
        )
      : [clip];
    return graph.op(
      'ResourceApplyAdam',
      [
        variable.handle,
        m!.handle,
        v!.handle,
        beta1Power,
        beta2Power,
        learningRate,
        graph.constant(BETA1),
        graph.constant(BETA2),
        epsilon,
        multiply(gradient, clip),
      ],
      { T: type, use_locking: { bool: false }, use_nesterov: { bool: false } },
      { dtypes: ['resource'], after },
    )[0];
  });
  return graph.output('gradient_norm', norm, updates);
}

/** The scalars that an AdamW step is fed with. `step` counts from 1. */
export function adamWFeeds(step: number, learningRate: number) {
  const scalar = (value: number) => ({ shape: [], data: Float32Array.of(value) });
  const beta2Power = BETA2 ** step;
  return {
    learning_rate: scalar(learningRate),
    beta1_power: scalar(BETA1 ** step),
    beta2_power: scalar(beta2Power),
    // TensorFlow adds epsilon before the bias correction of the second moment, PyTorch after it.
    epsilon: scalar(EPSILON * Math.sqrt(1 - beta2Power)),
  };
}
