import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type NamedTensor, type StateDict, sizeOf } from '../checkpoint/state-dict.js';
import { weightShapes } from '../checkpoint/weight-shapes.js';
import type { BertConfig } from '../config.js';

/**
 * Fills in the tensors of a classifier that a state dict lacks, as BERT initializes them:
 * matrices from a normal distribution of deviation `initializerRange`, biases 0, normalization's
 * weights 1. With an empty state dict this is a model from scratch.
 *
 * @returns a new state dict with all of the model's tensors, and no others
 */
export function initializeWeights(config: BertConfig, weights: StateDict, seed: number): StateDict {
  const complete: StateDict = new Map();
  const random = gaussian(seed);
  for (const [name, shape] of weightShapes(config)) {
    complete.set(name, weights.get(name) ?? initial(name, shape, config, random));
  }
  return complete;
}

function initial(
  name: string,
  shape: readonly number[],
  { initializerRange, padTokenId, embeddingSize }: BertConfig,
  random: () => number,
): NamedTensor {
  const data = new Float32Array(sizeOf(shape));
  if (name.endsWith('LayerNorm.weight')) data.fill(1);
  else if (shape.length > 1)
    for (let i = 0; i < data.length; i++) data[i] = random() * initializerRange;
  if (name.endsWith('word_embeddings.weight')) {
    data.fill(0, padTokenId * embeddingSize, (padTokenId + 1) * embeddingSize);
  }
  return { shape: [...shape], data };
}

/** Draws from the standard normal distribution (Box and Muller 1958). */
function gaussian(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
  };
}
