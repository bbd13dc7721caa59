import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Graph, Variable } from '../graph/graph.js';

/** A dense layer's variables: weight [out, in], bias [out]. */
export interface LinearParameters {
  readonly weight: Variable;
  readonly bias: Variable;
}

/** A layer normalization's variables, γ and β: [hidden] each. */
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

/** The variables of BERT with a classifier. */
export interface BertParameters {
  readonly wordEmbeddings: Variable;
  readonly positionEmbeddings: Variable;
  readonly tokenTypeEmbeddings: Variable;
  readonly embeddingsLayerNorm: LayerNormParameters;
  readonly layers: readonly EncoderLayerParameters[];
  readonly pooler: LinearParameters;
  readonly classifier: LinearParameters;
}

/**
 * Adds BERT's variables to a graph, under Hugging Face's names. Only query, key and value differ:
 * the three share a matrix product, and so a variable, `…attention.self.qkv`.
 */
export function createParameters(graph: Graph, config: BertConfig): BertParameters {
  const { hiddenSize: hidden, intermediateSize: intermediate } = config;
  const linear = (name: string, outputs: number, inputs: number): LinearParameters => ({
    weight: graph.variable(`${name}.weight`, [outputs, inputs]),
    bias: graph.variable(`${name}.bias`, [outputs]),
  });
  const layerNorm = (name: string): LayerNormParameters => ({
    weight: graph.variable(`${name}.weight`, [hidden]),
    bias: graph.variable(`${name}.bias`, [hidden]),
  });
  const embedding = (name: string, rows: number) =>
    graph.variable(`bert.embeddings.${name}.weight`, [rows, hidden]);
  const layer = (name: string): EncoderLayerParameters => ({
    selfAttention: linear(`${name}.attention.self.qkv`, 3 * hidden, hidden),
    attentionOutput: linear(`${name}.attention.output.dense`, hidden, hidden),
    attentionLayerNorm: layerNorm(`${name}.attention.output.LayerNorm`),
    intermediate: linear(`${name}.intermediate.dense`, intermediate, hidden),
    output: linear(`${name}.output.dense`, hidden, intermediate),
    outputLayerNorm: layerNorm(`${name}.output.LayerNorm`),
  });
  return {
    wordEmbeddings: embedding('word_embeddings', config.vocabSize),
    positionEmbeddings: embedding('position_embeddings', config.maxPositionEmbeddings),
    tokenTypeEmbeddings: embedding('token_type_embeddings', config.typeVocabSize),
    embeddingsLayerNorm: layerNorm('bert.embeddings.LayerNorm'),
    layers: Array.from({ length: config.numHiddenLayers }, (_, i) =>
      layer(`bert.encoder.layer.${i}`),
    ),
    pooler: linear('bert.pooler.dense', hidden, hidden),
    classifier: linear('classifier', config.labels.length, hidden),
  };
}

const QKV = /^(.*\.attention\.self)\.qkv\.(weight|bias)$/;
const PARTS = ['query', 'key', 'value'];

/**
 * Takes the value of a graph's variable out of a state dict in Hugging Face's names, so that a large
 * model is not held twice.
 */
export function takeVariableValue(variable: Variable, weights: StateDict): Float32Array {
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

/** The inverse of {@link takeVariableValue}: Hugging Face's tensors of a graph's variables. */
export function toStateDict(
  variables: readonly Variable[],
  read: (name: string) => Float32Array,
): StateDict {
  const weights: StateDict = new Map();
  for (const { name, shape } of variables) {
    const data = read(name);
    const [, prefix, kind] = QKV.exec(name) ?? [];
    if (!prefix) {
      weights.set(name, { shape: [...shape], data });
      continue;
    }
    const [rows = 0, ...rest] = shape;
    const size = data.length / PARTS.length;
    for (const [i, part] of PARTS.entries()) {
      weights.set(`${prefix}.${part}.${kind}`, {
        shape: [rows / PARTS.length, ...rest],
        data: data.subarray(i * size, (i + 1) * size),
      });
    }
  }
  return weights;
}
