import { describe, expect, it } from 'vitest';
import { loadEngine } from '../src/graph/engine.js';
import { TrainGraph } from '../src/train/train-graph.js';
import {
  differentiate,
  expectClose,
  GRADIENT_FLOOR,
  type Reference,
  readParity,
} from './parity-support.js';

interface FamilyReference extends Reference {
  /** Where the first text's fourth token is the padding's. */
  logits_with_padding_in_text: number[];
}

describe.each(['electra', 'roberta'])('%s in fp32 agrees with PyTorch', async (family) => {
  const { config, reference, batch, read, readWeights } = await readParity<FamilyReference>(
    `parity-${family}`,
  );

  it.each([
    { kernels: "bert-tfjs's own ops", fusedOps: true },
    { kernels: "TensorFlow's ops alone", fusedOps: false },
  ])('in logits, loss and the gradient of every parameter, on $kernels', async ({ fusedOps }) => {
    const result = await differentiate(config, await readWeights(), batch, fusedOps);
    expectClose(result.logits, reference.logits, 1e-5);
    expectClose([result.loss], [reference.loss], 1e-5);
    const expected = await read('gradients.safetensors');
    expect([...result.gradients.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) {
      expectClose(result.gradients.get(name)!.data, data, 1e-5, GRADIENT_FLOOR);
    }
  });

  it('where a text holds the padding token by its name', async () => {
    const inputIds = batch.inputIds.slice();
    inputIds[3] = config.padTokenId;
    const padded = { ...batch, inputIds };
    const result = await differentiate(config, await readWeights(), padded, false);
    expectClose(result.logits, reference.logits_with_padding_in_text, 1e-5);
  });

  it('and learns: with dropout, and the frozen layers as they were', async () => {
    const before = await readWeights();
    const train = await TrainGraph.create(
      loadEngine(),
      { ...config, classifierDropout: 0.1 },
      await readWeights(),
      { unfrozenLayers: 1, computeType: 'float32', weightDecay: 0, maxGradNorm: 1 },
    );
    for (let step = 1; step <= 100; step++)
      train.step([batch], { step, learningRate: 1e-2, seed: 1 });
    const logits = [...train.logits(batch)];
    const after = train.readWeights();
    const classes = config.labels.length;
    const rows = reference.labels.map((_, row) => logits.slice(row * classes, (row + 1) * classes));
    expect(rows.map((row) => row.indexOf(Math.max(...row)))).toEqual(reference.labels);
    for (const [name, { data }] of before) {
      const learns = /encoder\.layer\.2\.|^classifier\./.test(name);
      expect(String(after.get(name)!.data) !== String(data), name).toBe(learns);
    }
    train.close();
  });
});
