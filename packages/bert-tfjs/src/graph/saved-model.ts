import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { DATA_TYPE, type DataType } from './data-type.js';

/** The value of a node's attribute: the arms of `AttrValue` that the graphs use. */
export type Attribute =
  | { type: DataType }
  | { int: number }
  | { float: number }
  | { bool: boolean }
  | { string: string }
  | { shape: readonly number[] }
  | { tensor: { dtype: DataType; shape: readonly number[]; bytes: Uint8Array } };

/** A `NodeDef`: inputs are named `node`, `node:1` (second output) or `^node` (control dependency). */
export interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

const field = (id: number, type: string, rule?: 'repeated') => ({
  id,
  type,
  ...(rule && { rule }),
});

// The messages of tensorflow/core/{framework,protobuf}/*.proto, cut down to the fields written here.
const messages: protobuf.INamespace = {
  nested: {
    Dim: { fields: { size: field(1, 'int64') } },
    Shape: { fields: { dim: field(2, 'Dim', 'repeated') } },
    Tensor: {
      fields: { dtype: field(1, 'int32'), shape: field(2, 'Shape'), content: field(4, 'bytes') },
    },
    AttrValue: {
      oneofs: { value: { oneof: ['s', 'i', 'f', 'b', 'type', 'shape', 'tensor'] } },
      fields: {
        s: field(2, 'bytes'),
        i: field(3, 'int64'),
        f: field(4, 'float'),
        b: field(5, 'bool'),
        type: field(6, 'int32'),
        shape: field(7, 'Shape'),
        tensor: field(8, 'Tensor'),
      },
    },
    NodeDef: {
      fields: {
        name: field(1, 'string'),
        op: field(2, 'string'),
        input: field(3, 'string', 'repeated'),
        attr: { ...field(5, 'AttrValue'), keyType: 'string' } as protobuf.IMapField,
      },
    },
    Versions: { fields: { producer: field(1, 'int32') } },
    GraphDef: { fields: { node: field(1, 'NodeDef', 'repeated'), versions: field(4, 'Versions') } },
    MetaInfo: { fields: { tags: field(4, 'string', 'repeated') } },
    MetaGraph: { fields: { metaInfo: field(1, 'MetaInfo'), graphDef: field(2, 'GraphDef') } },
    SavedModel: {
      fields: { schemaVersion: field(1, 'int64'), metaGraphs: field(2, 'MetaGraph', 'repeated') },
    },
  },
};
const root = protobuf.Root.fromJSON(messages);

const shape = (dims: readonly number[]) => ({ dim: dims.map((size) => ({ size })) });

function attrValue(attribute: Attribute): object {
  if ('type' in attribute) return { type: DATA_TYPE[attribute.type] };
  if ('int' in attribute) return { i: attribute.int };
  if ('float' in attribute) return { f: attribute.float };
  if ('bool' in attribute) return { b: attribute.bool };
  if ('string' in attribute) return { s: Buffer.from(attribute.string) };
  if ('shape' in attribute) return { shape: shape(attribute.shape) };
  const { dtype, shape: dims, bytes } = attribute.tensor;
  return { tensor: { dtype: DATA_TYPE[dtype], shape: shape(dims), content: bytes } };
}

/**
 * Encodes nodes as the `saved_model.pb` of a SavedModel with the one tag `serve`.
 * Producer 2000 is newer than every check for old graphs in TensorFlow's op definitions.
 */
function encodeSavedModel(nodes: readonly Node[]): Uint8Array {
  const node = nodes.map(({ name, op, inputs, attributes }) => ({
    name,
    op,
    input: inputs,
    attr: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, attrValue(v)])),
  }));
  const type = root.lookupType('SavedModel');
  const graphDef = { node, versions: { producer: 2000 } };
  return type
    .encode(
      type.create({ schemaVersion: 1, metaGraphs: [{ metaInfo: { tags: ['serve'] }, graphDef }] }),
    )
    .finish();
}

/** Writes nodes as a SavedModel in a temporary folder, lets `use` load it, and removes the folder. */
export async function withSavedModel<T>(
  nodes: readonly Node[],
  use: (folder: string) => T,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bert-tfjs-'));
  try {
    await mkdir(join(folder, 'variables'));
    await writeFile(join(folder, 'saved_model.pb'), encodeSavedModel(nodes));
    return use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
