/**
 * A tensor in row-major order: `data.length` is the product of `shape`. The data of one that lies in a
 * file or in the engine is read anew each time that it is asked for, so that a model need not be in
 * memory as a whole.
 */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights by Hugging Face's names, such as `bert.encoder.layer.0.attention.self.query.weight`. */
export type StateDict = Map<string, NamedTensor>;

/** Number of values in a tensor of this shape; 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
