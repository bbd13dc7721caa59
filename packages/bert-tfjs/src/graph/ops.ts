/**
 * The ops that BERT needs, one function each, named as in TensorFlow's raw ops.
 * Each adds a node to its inputs' graph; shapes in the comments are of the run.
 */
import type { DataType } from './data-type.js';
import type { Graph, Tensor } from './graph.js';
import type { Attribute } from './saved-model.js';

type Operand = Tensor | number;

const operand = (graph: Graph, value: Operand, dtype: DataType): Tensor =>
  typeof value === 'number' ? graph.cast(graph.constant(value), dtype) : value;

const unary = (op: string) => (x: Tensor) =>
  x.graph.op(op, [x], { T: { type: x.dtype } }, { dtypes: [x.dtype] })[0];

const binary = (op: string) => (a: Tensor, b: Operand) =>
  a.graph.op(
    op,
    [a, operand(a.graph, b, a.dtype)],
    { T: { type: a.dtype } },
    { dtypes: [a.dtype] },
  )[0];

export const erf = unary('Erf');
export const exp = unary('Exp');
export const relu = unary('Relu');
export const rsqrt = unary('Rsqrt');
export const softmax = unary('Softmax');
export const sqrt = unary('Sqrt');
export const square = unary('Square');
export const tanh = unary('Tanh');
/** Half the sum of squares: shape []. */
export const l2Loss = unary('L2Loss');

export const add = binary('AddV2');
export const subtract = binary('Sub');
export const multiply = binary('Mul');
export const divide = binary('RealDiv');
/** Integer division, rounded towards 0. */
export const truncateDivide = binary('TruncateDiv');
export const minimum = binary('Minimum');
export const squaredDifference = binary('SquaredDifference');
/** dx of tanh, from its output y and dy. */
export const tanhGradient = binary('TanhGrad');
/** dx of relu, from dy and its output (or input). */
export const reluGradient = binary('ReluGrad');

const compare = (op: string) => (a: Tensor, b: Operand) =>
  a.graph.op(
    op,
    [a, operand(a.graph, b, a.dtype)],
    { T: { type: a.dtype } },
    { dtypes: ['bool'] },
  )[0];
export const less = compare('Less');
export const greaterEqual = compare('GreaterEqual');

export const notEqual = (a: Tensor, b: Operand) =>
  a.graph.op(
    'NotEqual',
    [a, operand(a.graph, b, a.dtype)],
    { T: { type: a.dtype }, incompatible_shape_error: { bool: true } },
    { dtypes: ['bool'] },
  )[0];

const reduce =
  (op: string) =>
  (x: Tensor, axes: readonly number[], keepDims = false) =>
    x.graph.op(
      op,
      [x, x.graph.constant(axes, 'int32')],
      { T: { type: x.dtype }, Tidx: { type: 'int32' }, keep_dims: { bool: keepDims } },
      { dtypes: [x.dtype] },
    )[0];
export const sum = reduce('Sum');
export const mean = reduce('Mean');

/** Each element's sum with those before it along an axis. */
export const cumsum = (x: Tensor, axis: number) =>
  x.graph.op(
    'Cumsum',
    [x, x.graph.constant(axis, 'int32')],
    {
      T: { type: x.dtype },
      Tidx: { type: 'int32' },
      exclusive: { bool: false },
      reverse: { bool: false },
    },
    { dtypes: [x.dtype] },
  )[0];

/** Sum of tensors of one shape. */
export function addN(tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const [{ graph, dtype }] = tensors;
  const attributes = { N: { int: tensors.length }, T: { type: dtype } };
  return graph.op('AddN', tensors, attributes, { dtypes: [dtype] })[0];
}

interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** [m, k] · [k, n] → [m, n] */
export function matMul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatMulOptions = {},
): Tensor {
  return a.graph.op(
    'MatMul',
    [a, b],
    { T: { type: a.dtype }, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } },
    { dtypes: [a.dtype] },
  )[0];
}

/** [..., m, k] · [..., k, n] → [..., m, n] */
export function batchMatMul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatMulOptions = {},
): Tensor {
  return a.graph.op(
    'BatchMatMulV2',
    [a, b],
    { T: { type: a.dtype }, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } },
    { dtypes: [a.dtype] },
  )[0];
}

const NHWC: Attribute = { string: 'NHWC' };
/** [n, c] + [c] → [n, c] */
export const biasAdd = (x: Tensor, bias: Tensor) =>
  x.graph.op(
    'BiasAdd',
    [x, bias],
    { T: { type: x.dtype }, data_format: NHWC },
    { dtypes: [x.dtype] },
  )[0];
/** Sum over all axes but the last: [n, c] → [c] */
export const biasAddGradient = (dy: Tensor) =>
  dy.graph.op(
    'BiasAddGrad',
    [dy],
    { T: { type: dy.dtype }, data_format: NHWC },
    { dtypes: [dy.dtype] },
  )[0];

/** Stacks tensors of one shape along a new axis. */
export function pack(tensors: readonly [Tensor, ...Tensor[]], axis = 0): Tensor {
  const [{ graph, dtype }] = tensors;
  const attributes = { N: { int: tensors.length }, T: { type: dtype }, axis: { int: axis } };
  return graph.op('Pack', tensors, attributes, { dtypes: [dtype] })[0];
}

/** Takes a tensor apart along its first axis, of size `count`. */
export function unpack(x: Tensor, count: number): Tensor[] {
  const attributes = { num: { int: count }, T: { type: x.dtype }, axis: { int: 0 } };
  return x.graph.op('Unpack', [x], attributes, { dtypes: Array(count).fill(x.dtype) });
}

/** Joins tensors along an existing axis. */
export function concat(tensors: readonly [Tensor, ...Tensor[]], axis: number): Tensor {
  const [{ graph, dtype }] = tensors;
  return graph.op(
    'ConcatV2',
    [...tensors, graph.constant(axis, 'int32')],
    { N: { int: tensors.length }, T: { type: dtype }, Tidx: { type: 'int32' } },
    { dtypes: [dtype] },
  )[0];
}

/** A dimension: a number (-1 once: what is left) or an int32 scalar of the graph. */
export type Dimension = number | Tensor;

const dimensions = (graph: Graph, dims: readonly Dimension[]): Tensor =>
  dims.every((d) => typeof d === 'number')
    ? graph.constant(dims, 'int32')
    : pack(dims.map((d) => (typeof d === 'number' ? graph.constant(d, 'int32') : d)) as [Tensor]);

export function reshape(x: Tensor, dims: readonly Dimension[] | Tensor): Tensor {
  return x.graph.op(
    'Reshape',
    [x, 'name' in dims ? dims : dimensions(x.graph, dims)],
    { T: { type: x.dtype }, Tshape: { type: 'int32' } },
    { dtypes: [x.dtype] },
  )[0];
}

/** The size of each axis, as int32 scalars. */
export function shapeOf(x: Tensor, rank: number): Tensor[] {
  const attributes = { T: { type: x.dtype }, out_type: { type: 'int32' } } as const;
  return unpack(x.graph.op('Shape', [x], attributes, { dtypes: ['int32'] })[0], rank);
}

/** The whole shape, as an int32 tensor. */
export const shapeTensor = (x: Tensor) =>
  x.graph.op(
    'Shape',
    [x],
    { T: { type: x.dtype }, out_type: { type: 'int32' } },
    { dtypes: ['int32'] },
  )[0];

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return x.graph.op(
    'Transpose',
    [x, x.graph.constant(permutation, 'int32')],
    { T: { type: x.dtype }, Tperm: { type: 'int32' } },
    { dtypes: [x.dtype] },
  )[0];
}

/** `size` elements from `begin` on, per axis (-1: to the end). */
export function slice(x: Tensor, begin: readonly Dimension[], size: readonly Dimension[]): Tensor {
  const { graph, dtype } = x;
  return graph.op(
    'Slice',
    [x, dimensions(graph, begin), dimensions(graph, size)],
    { T: { type: dtype }, Index: { type: 'int32' } },
    { dtypes: [dtype] },
  )[0];
}

/** Zeros after the end of each axis: `after` is an int32 scalar or number per axis. */
export function padEnd(x: Tensor, after: readonly Dimension[]): Tensor {
  const { graph, dtype } = x;
  const pairs = after.flatMap((count) => [0, count]);
  return graph.op(
    'Pad',
    [x, reshape(dimensions(graph, pairs), [after.length, 2])],
    { T: { type: dtype }, Tpaddings: { type: 'int32' } },
    { dtypes: [dtype] },
  )[0];
}

/** Slices of `x` at `indices` along `axis`. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const { graph, dtype } = x;
  return graph.op(
    'GatherV2',
    [x, indices, graph.constant(axis, 'int32')],
    {
      Tparams: { type: dtype },
      Tindices: { type: 'int32' },
      Taxis: { type: 'int32' },
      batch_dims: { int: 0 },
    },
    { dtypes: [dtype] },
  )[0];
}

/** The gradient of {@link gather}: rows of `x` [n, c] summed by index [n] into [segments, c]. */
export function unsortedSegmentSum(x: Tensor, indices: Tensor, segments: number): Tensor {
  const { graph, dtype } = x;
  return graph.op(
    'UnsortedSegmentSum',
    [x, indices, graph.constant(segments, 'int32')],
    { T: { type: dtype }, Tindices: { type: 'int32' }, Tnumsegments: { type: 'int32' } },
    { dtypes: [dtype] },
  )[0];
}

/** 0, 1, … limit-1 as int32, for an int32 scalar. */
export function range(limit: Tensor): Tensor {
  const { graph } = limit;
  const inputs = [graph.constant(0, 'int32'), limit, graph.constant(1, 'int32')];
  return graph.op('Range', inputs, { Tidx: { type: 'int32' } }, { dtypes: ['int32'] })[0];
}

/** Loss per example [n] and its gradient [n, classes], from logits [n, classes] and labels [n]. */
export function sparseSoftmaxCrossEntropy(logits: Tensor, labels: Tensor): [Tensor, Tensor] {
  return logits.graph.op(
    'SparseSoftmaxCrossEntropyWithLogits',
    [logits, labels],
    { T: { type: 'float32' }, Tlabels: { type: 'int32' } },
    { dtypes: ['float32', 'float32'] },
  ) as [Tensor, Tensor];
}
