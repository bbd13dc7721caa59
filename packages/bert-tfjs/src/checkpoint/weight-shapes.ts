import type { BertConfig } from '../config.js';

/**
 * Shape of every weight of transformers' `BertForSequenceClassification`, by its name there.
 * Matrices are [outputs, inputs].
 */
export function weightShapes(config: BertConfig): Map<string, number[]> {
  const { hiddenSize: hidden, intermediateSize: intermediate } = config;
  const shapes = new Map<string, number[]>();
  const linear = (name: string, outputs: number, inputs: number) => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    shapes.set(`${name}.bias`, [outputs]);
  };
  const layerNorm = (name: string) => {
    shapes.set(`${name}.weight`, [hidden]);
    shapes.set(`${name}.bias`, [hidden]);
  };
  const embeddings = 'bert.embeddings';
  shapes.set(`${embeddings}.word_embeddings.weight`, [config.vocabSize, hidden]);
  shapes.set(`${embeddings}.position_embeddings.weight`, [config.maxPositionEmbeddings, hidden]);
  shapes.set(`${embeddings}.token_type_embeddings.weight`, [config.typeVocabSize, hidden]);
  layerNorm(`${embeddings}.LayerNorm`);
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `bert.encoder.layer.${i}`;
    linear(`${layer}.attention.self.query`, hidden, hidden);
    linear(`${layer}.attention.self.key`, hidden, hidden);
    linear(`${layer}.attention.self.value`, hidden, hidden);
    linear(`${layer}.attention.output.dense`, hidden, hidden);
    layerNorm(`${layer}.attention.output.LayerNorm`);
    linear(`${layer}.intermediate.dense`, intermediate, hidden);
    linear(`${layer}.output.dense`, hidden, intermediate);
    layerNorm(`${layer}.output.LayerNorm`);
  }
  linear('bert.pooler.dense', hidden, hidden);
  linear('classifier', config.labels.length, hidden);
  return shapes;
}
