import type { DataType } from './data-type.js';
import { hasFusedOps } from './engine.js';
import type { ComputeType } from './precision.js';
import type { Attribute, Node } from './saved-model.js';

/** One output of a node. Its shape is known to TensorFlow at run time only. */
export interface Tensor {
  readonly graph: Graph;
  /** `node` for a node's first output, `node:1` for its second. */
  readonly name: string;
  readonly dtype: DataType;
}

/** A tensor that lives in the session between runs; it is set from float32 values. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly handle: Tensor;
  /** The value at the start of a run: read once, so that updates in the same run cannot race it. */
  readonly value: Tensor;
}

interface OpOptions {
  readonly name?: string;
  readonly dtypes?: readonly DataType[];
  readonly after?: readonly Tensor[];
}

/** A TensorFlow graph under construction. {@link Session} runs it. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly variables: Variable[] = [];
  /** Whether the model may use bert-tfjs's own ops (native/). */
  readonly fusedOps: boolean;
  readonly #constants = new Map<string, Tensor>();
  readonly #casts = new Map<string, Tensor>();
  readonly #widenedFrom = new Map<string, Tensor>();

  /** @param options.fusedOps by default, where the loaded engine has them */
  constructor({ fusedOps = hasFusedOps() }: { fusedOps?: boolean | undefined } = {}) {
    this.fusedOps = fusedOps;
  }

  /**
   * Adds a node of any op (tensorflow.org/api_docs/python/tf/raw_ops) and returns its outputs.
   *
   * @param options.dtypes one entry an output; by default one float32
   * @param options.after nodes that must have run before this one
   */
  op(
    op: string,
    inputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { name = `${op}_${this.nodes.length}`, dtypes = ['float32'], after = [] }: OpOptions = {},
  ): [Tensor, ...Tensor[]] {
    const control = after.map((tensor) => `^${tensor.name.split(':')[0]}`);
    this.nodes.push({ name, op, inputs: [...inputs.map((t) => t.name), ...control], attributes });
    const output = (dtype: DataType, i: number): Tensor => ({
      graph: this,
      name: i ? `${name}:${i}` : name,
      dtype,
    });
    return dtypes.map(output) as [Tensor, ...Tensor[]];
  }

  /** A constant of shape `[]` for a number or `[n]` for an array; equal ones share a node. */
  constant(value: number | readonly number[], dtype: 'float32' | 'int32' = 'float32'): Tensor {
    const key = `${dtype} ${JSON.stringify(value)}`;
    let tensor = this.#constants.get(key);
    if (!tensor) {
      const values = typeof value === 'number' ? [value] : value;
      const data = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
      const bytes = new Uint8Array(data.buffer);
      const shape = typeof value === 'number' ? [] : [values.length];
      [tensor] = this.op(
        'Const',
        [],
        { dtype: { type: dtype }, value: { tensor: { dtype, shape, bytes } } },
        { dtypes: [dtype] },
      );
      this.#constants.set(key, tensor);
    }
    return tensor;
  }

  /** What a run is fed with, by name. */
  placeholder(name: string, dtype: 'float32' | 'int32'): Tensor {
    return this.op('Placeholder', [], { dtype: { type: dtype } }, { name, dtypes: [dtype] })[0];
  }

  /** Gives a tensor a name of its own to fetch it by, once the nodes in `after` have run. */
  output(name: string, tensor: Tensor, after: readonly Tensor[] = []): Tensor {
    const attributes = { T: { type: tensor.dtype } };
    return this.op('Identity', [tensor], attributes, { name, dtypes: [tensor.dtype], after })[0];
  }

  /**
   * Converts a tensor's type. A tensor is cast to a type once, however often it is asked for, and
   * bfloat16 → float32 → bfloat16, which changes nothing, is no cast at all.
   */
  cast(tensor: Tensor, dtype: DataType): Tensor {
    if (tensor.dtype === dtype) return tensor;
    const key = `${tensor.name} ${dtype}`;
    const known = this.#casts.get(key) ?? this.#widenedFrom.get(key);
    if (known) return known;
    const attributes = {
      SrcT: { type: tensor.dtype },
      DstT: { type: dtype },
      Truncate: { bool: false },
    };
    const [result] = this.op('Cast', [tensor], attributes, { dtypes: [dtype] });
    this.#casts.set(key, result);
    if (tensor.dtype === 'bfloat16') this.#widenedFrom.set(`${result.name} bfloat16`, tensor);
    return result;
  }

  /**
   * A variable, with the nodes `assign/<name>` and `value/<name>` by which a session sets and reads it.
   */
  variable(name: string, shape: readonly number[], type: ComputeType = 'float32'): Variable {
    const dtype = { type } as const;
    const [handle] = this.op(
      'VarHandleOp',
      [],
      { dtype, shape: { shape }, shared_name: { string: name }, container: { string: '' } },
      { name: `variable/${name}`, dtypes: ['resource'] },
    );
    const [value] = this.op(
      'ReadVariableOp',
      [handle],
      { dtype },
      { name: `value/${name}`, dtypes: [type] },
    );
    const variable = { name, shape, handle, value };
    const initial = this.placeholder(`initial/${name}`, 'float32');
    this.done(`assign/${name}`, [this.assign(variable, initial)]);
    this.variables.push(variable);
    return variable;
  }

  /** Sets a variable, or adds to it; what else reads it in the same run goes before or after. */
  assign(
    { handle, value: { dtype } }: Variable,
    tensor: Tensor,
    after: readonly Tensor[] = [],
    op: 'AssignVariableOp' | 'AssignAddVariableOp' = 'AssignVariableOp',
  ): Tensor {
    return this.op(
      op,
      [handle, this.cast(tensor, dtype)],
      { dtype: { type: dtype } },
      { dtypes: ['resource'], after },
    )[0];
  }

  /** A name to fetch in order to run nodes that have no output of their own. */
  done(name: string, after: readonly Tensor[]): Tensor {
    return this.output(name, this.constant(1, 'int32'), after);
  }
}
