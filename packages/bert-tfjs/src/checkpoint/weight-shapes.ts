import type { BertConfig } from '../config.js';
import { FAMILIES } from '../family.js';

/**
 * Shape of every weight of the family's `…ForSequenceClassification` in transformers, by its name
 * there. Matrices are [outputs, inputs].
 */
export function weightShapes(config: BertConfig): Map<string, number[]> {
  const { embeddingSize, hiddenSize: hidden, intermediateSize: intermediate } = config;
  const { prefix, head } = FAMILIES[config.modelType];
  const shapes = new Map<string, number[]>();
  const linear = (name: string, outputs: number, inputs: number) => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    shapes.set(`${name}.bias`, [outputs]);
  };
  const layerNorm = (name: string, size: number) => {
    shapes.set(`${name}.weight`, [size]);
    shapes.set(`${name}.bias`, [size]);
  };
  const embedding = (name: string, rows: number) =>
    shapes.set(`${prefix}.embeddings.${name}.weight`, [rows, embeddingSize]);
  embedding('word_embeddings', config.vocabSize);
  embedding('position_embeddings', config.maxPositionEmbeddings);
  embedding('token_type_embeddings', config.typeVocabSize);
  layerNorm(`${prefix}.embeddings.LayerNorm`, embeddingSize);
  if (embeddingSize !== hidden) linear(`${prefix}.embeddings_project`, hidden, embeddingSize);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `${prefix}.encoder.layer.${i}`;
    linear(`${layer}.attention.self.query`, hidden, hidden);
    linear(`${layer}.attention.self.key`, hidden, hidden);
    linear(`${layer}.attention.self.value`, hidden, hidden);
    linear(`${layer}.attention.output.dense`, hidden, hidden);
    layerNorm(`${layer}.attention.output.LayerNorm`, hidden);
    linear(`${layer}.intermediate.dense`, intermediate, hidden);
    linear(`${layer}.output.dense`, hidden, intermediate);
    layerNorm(`${layer}.output.LayerNorm`, hidden);
  }
  linear(head.dense, hidden, hidden);
  linear(head.output, config.labels.length, hidden);
  return shapes;
}
