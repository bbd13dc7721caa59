import type { Tensor } from '../graph/graph.js';
import { greaterEqual, multiply, shapeTensor } from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';

/**
 * Dropout (Srivastava et al. 2014): zeroes a share of the elements and scales up the others.
 * Which ones follows from the step's seed and the place in the graph alone, so that a resumed
 * training drops the same ones.
 */
export function dropout(pass: ForwardPass, x: Tensor, rate: number): Differentiable {
  const { graph, dropoutSeed } = pass;
  if (!dropoutSeed || rate === 0) return { output: x, backward: (dy) => dy };
  const place = graph.constant([graph.nodes.length, 0], 'int32');
  const seed = graph.op(
    'AddV2',
    [dropoutSeed, place],
    { T: { type: 'int32' } },
    { dtypes: ['int32'] },
  )[0];
  const [uniform] = graph.op('StatelessRandomUniform', [shapeTensor(x), seed], {
    dtype: { type: 'float32' },
    T: { type: 'int32' },
    Tseed: { type: 'int32' },
  });
  const mask = multiply(graph.cast(greaterEqual(uniform, rate), 'float32'), 1 / (1 - rate));
  return { output: multiply(x, mask), backward: (dy) => multiply(dy, mask) };
}
