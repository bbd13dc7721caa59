import { type NamedTensor, type StateDict, sizeOf } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import { FAMILIES } from '../family.js';
import type { Graph, Variable } from '../graph/graph.js';
import type { ComputeType } from '../graph/precision.js';

/** A dense layer's variables: weight [out, in], bias [out]. */
export interface LinearParameters {
  readonly weight: Variable;
  readonly bias: Variable;
}

/** A layer normalization's variables, γ and β: [size] each. */
export type LayerNormParameters = LinearParameters;

/** The variables of one encoder layer. */
export interface EncoderLayerParameters {
  /** Query, key and value in one: weight [3·hidden, hidden], bias [3·hidden]. */
  readonly selfAttention: LinearParameters;
  readonly attentionOutput: LinearParameters;
  readonly attentionLayerNorm: LayerNormParameters;
  readonly intermediate: LinearParameters;
  readonly output: LinearParameters;
  readonly outputLayerNorm: LayerNormParameters;
}

/** The variables of the two layers between the first token and the logits. */
export interface ClassificationHeadParameters {
  /** BERT calls it the pooler. */
  readonly dense: LinearParameters;
  readonly output: LinearParameters;
}

/** The variables of BERT, ELECTRA or RoBERTa with a classifier. */
export interface BertParameters {
  readonly wordEmbeddings: Variable;
  readonly positionEmbeddings: Variable;
  readonly tokenTypeEmbeddings: Variable;
  readonly embeddingsLayerNorm: LayerNormParameters;
  /** From the embeddings' width to the encoder's, where they differ. */
  readonly embeddingsProject: LinearParameters | undefined;
  readonly layers: readonly EncoderLayerParameters[];
  readonly head: ClassificationHeadParameters;
}

/**
 * Adds a model's variables to a graph, under Hugging Face's names. Only query, key and value differ:
 * the three share a matrix product, and so a variable, `…attention.self.qkv`.
 */
export function createParameters(
  graph: Graph,
  config: BertConfig,
  { productType = 'float32' }: { productType?: ComputeType } = {},
): BertParameters {
  const { embeddingSize, hiddenSize: hidden, intermediateSize: intermediate } = config;
  const { prefix, head } = FAMILIES[config.modelType];
  const linear = (name: string, outputs: number, inputs: number): LinearParameters => ({
    weight: graph.variable(`${name}.weight`, [outputs, inputs], productType),
    bias: graph.variable(`${name}.bias`, [outputs]),
  });
  const layerNorm = (name: string, size: number): LayerNormParameters => ({
    weight: graph.variable(`${name}.weight`, [size]),
    bias: graph.variable(`${name}.bias`, [size]),
  });
  const embedding = (name: string, rows: number) =>
    graph.variable(`${prefix}.embeddings.${name}.weight`, [rows, embeddingSize]);
  const layer = (name: string): EncoderLayerParameters => ({
    selfAttention: linear(`${name}.attention.self.qkv`, 3 * hidden, hidden),
    attentionOutput: linear(`${name}.attention.output.dense`, hidden, hidden),
    attentionLayerNorm: layerNorm(`${name}.attention.output.LayerNorm`, hidden),
    intermediate: linear(`${name}.intermediate.dense`, intermediate, hidden),
    output: linear(`${name}.output.dense`, hidden, intermediate),
    outputLayerNorm: layerNorm(`${name}.output.LayerNorm`, hidden),
  });
  return {
    wordEmbeddings: embedding('word_embeddings', config.vocabSize),
    positionEmbeddings: embedding('position_embeddings', config.maxPositionEmbeddings),
    tokenTypeEmbeddings: embedding('token_type_embeddings', config.typeVocabSize),
    embeddingsLayerNorm: layerNorm(`${prefix}.embeddings.LayerNorm`, embeddingSize),
    embeddingsProject:
      embeddingSize === hidden
        ? undefined
        : linear(`${prefix}.embeddings_project`, hidden, embeddingSize),
    layers: Array.from({ length: config.numHiddenLayers }, (_, i) =>
      layer(`${prefix}.encoder.layer.${i}`),
    ),
    head: {
      dense: linear(head.dense, hidden, hidden),
      output: linear(head.output, config.labels.length, hidden),
    },
  };
}

/** All variables of a part of the model. */
export function variablesOf(part: object): Variable[] {
  if ('handle' in part) return [part as Variable];
  return Object.values(part).flatMap((inner) => (inner ? variablesOf(inner as object) : []));
}

/**
 * Adds variables for the values of the dense layers' weights in bfloat16, so that no run has to cast
 * them, and the node `refresh_copies` that sets them.
 */
export function createCopies(graph: Graph, part: object): Map<Variable, Variable> {
  const isOfProduct = ({ name, shape }: Variable) => shape.length > 1 && !/embeddings\./.test(name);
  const copies = new Map(
    variablesOf(part)
      .filter(isOfProduct)
      .map((weight) => [
        weight,
        graph.variable(`bfloat16/${weight.name}`, weight.shape, 'bfloat16'),
      ]),
  );
  const assigned = [...copies].map(([weight, copy]) => graph.assign(copy, weight.value));
  graph.done('refresh_copies', assigned);
  return copies;
}

const QKV = /^(.*\.attention\.self)\.qkv\.(weight|bias)$/;
const PARTS = ['query', 'key', 'value'];

/**
 * Takes the value of a graph's variable out of a state dict in Hugging Face's names, so that a large
 * model is not held twice.
 */
function takeVariableValue(variable: Variable, weights: StateDict): Float32Array {
  const [, prefix, kind] = QKV.exec(variable.name) ?? [];
  const names = prefix ? PARTS.map((part) => `${prefix}.${part}.${kind}`) : [variable.name];
  const parts = names.map((name) => {
    const tensor = weights.get(name);
    if (!tensor) throw new Error(`The state dict has no ${name}`);
    weights.delete(name);
    return tensor.data;
  });
  if (parts.length === 1) return parts[0]!;
  const size = parts.reduce((total, part) => total + part.length, 0);
  const joined = new Float32Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Variables with their values out of a state dict, as {@link takeVariableValue} takes them. */
export function* takeVariableValues(variables: Iterable<Variable>, weights: StateDict) {
  for (const variable of variables) {
    const data = takeVariableValue(variable, weights);
    yield [variable.name, { shape: variable.shape, data }] as const;
  }
}

/** The inverse of {@link takeVariableValues}: Hugging Face's tensors of a graph's variables. */
export function toStateDict(values: ReadonlyMap<string, NamedTensor>): StateDict {
  const weights: StateDict = new Map();
  for (const [name, value] of values) {
    const [, prefix, kind] = QKV.exec(name) ?? [];
    if (!prefix) {
      weights.set(name, value);
      continue;
    }
    const [rows = 0, ...rest] = value.shape;
    const shape = [rows / PARTS.length, ...rest];
    const size = sizeOf(shape);
    for (const [i, part] of PARTS.entries()) {
      weights.set(`${prefix}.${part}.${kind}`, {
        shape,
        get data() {
          return value.data.subarray(i * size, (i + 1) * size);
        },
      });
    }
  }
  return weights;
}
