import type { Tensor } from '../graph/graph.js';
import {
  add,
  greaterEqual,
  multiply,
  reshape,
  shapeTensor,
  slice,
  truncateDivide,
} from '../graph/ops.js';
import type { Differentiable, ForwardPass } from './differentiable.js';

/**
 * Dropout (Srivastava et al. 2014): zeroes a share of the elements and scales up the others.
 * Which ones follows from the step's seed and the place in the model alone, so that a resumed
 * training drops the same ones.
 */
export function dropout(pass: ForwardPass, x: Tensor, rate: number): Differentiable {
  const { graph } = pass;
  if (!pass.dropout || rate === 0) return { output: x, backward: (dy) => dy };
  if (graph.fusedOps) {
    const { seed, ...place } = dropoutAttributes(pass, rate);
    const drop = (tensor: Tensor) =>
      graph.op(
        'BertDropout',
        [tensor, seed],
        { T: { type: tensor.dtype }, ...place },
        { dtypes: [tensor.dtype] },
      )[0];
    return { output: drop(x), backward: drop };
  }
  const place = graph.constant([pass.dropout.places++, 0], 'int32');
  const random = randomUint16(x, add(pass.dropout.seed, place));
  const threshold = Math.round(rate * 2 ** 16);
  const kept = greaterEqual(random, threshold);
  const mask = multiply(graph.cast(kept, 'float32'), 1 / (1 - threshold / 2 ** 16));
  return { output: multiply(x, mask), backward: (dy) => multiply(dy, mask) };
}

/** What the fused ops that drop units take: `rate` 0 outside training. */
export function dropoutAttributes({ graph, dropout }: ForwardPass, rate: number) {
  return {
    seed: dropout?.seed ?? graph.constant([0, 0], 'int32'),
    rate: { float: dropout ? rate : 0 },
    place: { int: dropout ? dropout.places++ : 0 },
  };
}

/**
 * Uniform 16-bit numbers in the shape of `x`: as fine as dropout needs, at half the cost of 32 bits.
 *
 * @param seed int32 [2]
 */
function randomUint16(x: Tensor, seed: Tensor): Tensor {
  const { graph } = x;
  const int32 = { type: 'int32' } as const;
  const options = { dtypes: ['int32'] } as const;
  const [size] = graph.op('Size', [x], { T: { type: x.dtype }, out_type: int32 }, options);
  const pairs = truncateDivide(add(size, 1), 2);
  const [bits] = graph.op(
    'StatelessRandomUniformFullInt',
    [reshape(pairs, [1]), seed],
    { dtype: int32, T: int32, Tseed: int32 },
    options,
  );
  const [halves] = graph.op(
    'Bitcast',
    [bits],
    { T: int32, type: { type: 'uint16' } },
    { dtypes: ['uint16'] },
  );
  const numbers = slice(reshape(halves, [-1]), [0], [size]);
  return reshape(numbers, shapeTensor(x));
}
