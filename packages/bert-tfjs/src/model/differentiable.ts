import type { Graph, Tensor, Variable } from '../graph/graph.js';
import type { ComputeType } from '../graph/precision.js';

/**
 * A value and how its gradient flows back. `backward` takes the loss's gradient by the output and
 * returns that by the input, having stored those by the parameters in {@link ForwardPass.gradients}.
 * It only adds nodes: what no gradient in use depends on, TensorFlow never computes.
 */
export interface Differentiable {
  readonly output: Tensor;
  backward(gradient: Tensor): Tensor;
}

/** The source of dropout's randomness in a pass. */
export interface DropoutSource {
  /** An int32 pair, new at every step. */
  readonly seed: Tensor;
  /** Dropouts added so far: each one's number makes it drop other units than the others. */
  places: number;
}

/** One pass through the model: with dropout in training, without in evaluation. */
export interface ForwardPass {
  readonly graph: Graph;
  /** The type of matrix products. */
  readonly computeType: ComputeType;
  /** Absent: nothing is dropped. */
  readonly dropout?: DropoutSource | undefined;
  /** Whether layers are computed again in the backward pass, so that less is held in memory. */
  readonly recompute?: boolean | undefined;
  /** Gradients by variable, filled by `backward`; matrices' may be of the compute type. */
  readonly gradients: Map<Variable, Tensor>;
  /** Variables that hold others' values in the compute type, so that no run has to cast them. */
  readonly copies?: ReadonlyMap<Variable, Variable> | undefined;
}

/** A weight in the type of matrix products. */
export const computeValue = (
  { graph, computeType, copies }: ForwardPass,
  weight: Variable,
): Tensor => graph.cast((copies?.get(weight) ?? weight).value, computeType);
