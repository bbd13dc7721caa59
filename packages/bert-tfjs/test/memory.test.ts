import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { parseBertConfig } from '../src/config.js';
import { loadEngine } from '../src/graph/engine.js';
import { initializeWeights } from '../src/model/initialize.js';
import type { Batch } from '../src/train/batches.js';
import { TrainGraph } from '../src/train/train-graph.js';

const CONFIG = parseBertConfig(
  {
    model_type: 'bert',
    vocab_size: 500,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 64,
    max_position_embeddings: 64,
  },
  'config.json',
);

const random = xoroshiro128plus(3);

function randomBatch(): Batch {
  const rows = uniformInt(random, 1, 32);
  const length = uniformInt(random, 4, 64);
  return {
    inputIds: Int32Array.from({ length: rows * length }, () => uniformInt(random, 5, 499)),
    lengths: Int32Array.from({ length: rows }, () => uniformInt(random, 2, length)),
    length,
    labels: Int32Array.from({ length: rows }, () => uniformInt(random, 0, 1)),
  };
}

describe('memory', () => {
  it('stays flat over 1,000 steps of changing shapes', async () => {
    const engine = loadEngine();
    const train = await TrainGraph.create(engine, CONFIG, initializeWeights(CONFIG, new Map(), 1), {
      unfrozenLayers: 2,
      computeType: 'float32',
      weightDecay: 0.01,
      maxGradNorm: 1,
    });
    let step = 0;
    const run = (steps: number) => {
      for (const end = step + steps; step < end; ) {
        train.step([randomBatch()], { step: ++step, learningRate: 1e-4, seed: 1 });
      }
      return process.memoryUsage.rss() / 2 ** 20;
    };
    const before = run(1000); // until every shape has been seen
    const tensors = engine.getNumOfTensors();
    const after = run(1000);
    train.close();
    expect(engine.getNumOfTensors()).toBe(tensors);
    // One step's activations, kept by mistake, are some 2 MiB: 1,000 of them would be 2 GiB.
    expect(after - before).toBeLessThan(100);
  });
});
