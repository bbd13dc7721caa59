import type { Graph, Tensor, Variable } from '../graph/graph.js';

/**
 * A value and how its gradient flows back. `backward` takes the loss's gradient by the output and
 * returns that by the input, having stored those by the parameters in {@link ForwardPass.gradients}.
 * It only adds nodes: what no gradient in use depends on, TensorFlow never computes.
 */
export interface Differentiable {
  readonly output: Tensor;
  backward(gradient: Tensor): Tensor;
}

/** One pass through the model: with dropout in training, without in evaluation. */
export interface ForwardPass {
  readonly graph: Graph;
  /** The type of matrix products; all else is float32. */
  readonly computeType: 'float32' | 'bfloat16';
  /** An int32 pair, new at every step, that decides which units are dropped; absent: none are. */
  readonly dropoutSeed?: Tensor;
  /** Gradients by variable, filled by `backward`. */
  readonly gradients: Map<Variable, Tensor>;
}
