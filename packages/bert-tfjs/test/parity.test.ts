import { describe, expect, it } from 'vitest';
import type { StateDict } from '../src/checkpoint/state-dict.js';
import { HIDDEN_ACTS, type HiddenAct } from '../src/config.js';
import { loadEngine } from '../src/graph/engine.js';
import type { Batch } from '../src/train/batches.js';
import { FrozenLayers } from '../src/train/frozen-layers.js';
import { TrainGraph } from '../src/train/train-graph.js';
import {
  differentiate,
  expectClose,
  GRADIENT_FLOOR,
  type Reference,
  readParity,
} from './parity-support.js';

interface BertReference extends Reference {
  activations: Record<HiddenAct, { logits: number[]; gradient: number[] }>;
  optimizer: { learning_rates: number[]; weight_decay: number; max_grad_norm: number };
  trained: Record<string, { losses: number[]; gradient_norms: number[] }>;
}

const { config, reference, batch, read, readWeights } = await readParity<BertReference>('parity');

// A key's bias has a gradient of 0 but for rounding, and AdamW scales rounding up to whole steps.
const isKeyBias = (name: string) => name.endsWith('self.key.bias');

/** Part of the batch. */
const rowsOf = (begin: number, end: number): Batch => ({
  ...batch,
  inputIds: batch.inputIds.slice(begin * batch.length, end * batch.length),
  lengths: batch.lengths.slice(begin, end),
  labels: batch.labels.slice(begin, end),
});

/** The batch after the bottom layers. */
async function hiddenBatch(layers: number) {
  const computeType = 'float32';
  const weights = await readWeights();
  const frozen = await FrozenLayers.create(loadEngine(), config, weights, { layers, computeType });
  const hiddenStates = frozen.hiddenStates(batch);
  frozen.close();
  const length = layers < config.numHiddenLayers ? batch.length : 1;
  const { lengths, labels } = batch;
  return { lengths, labels, hiddenStates, length, width: config.hiddenSize };
}

const KERNELS = [
  { kernels: "bert-tfjs's own ops", fusedOps: true },
  { kernels: "TensorFlow's ops alone", fusedOps: false },
];

describe.each(KERNELS)('BERT in fp32 on $kernels agrees with PyTorch', ({ fusedOps }) => {
  it('in logits, loss and the gradient of every parameter', async () => {
    const result = await differentiate(config, await readWeights(), batch, fusedOps);
    expectClose(result.logits, reference.logits, 1e-5);
    expectClose([result.loss], [reference.loss], 1e-5);
    const expected = await read('gradients.safetensors');
    expect([...result.gradients.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) {
      expectClose(result.gradients.get(name)!.data, data, 1e-5, GRADIENT_FLOOR);
    }
  });

  it.each(HIDDEN_ACTS)('with the activation %s', async (hiddenAct) => {
    const changed = { ...config, hiddenAct };
    const result = await differentiate(changed, await readWeights(), batch, fusedOps);
    const expected = reference.activations[hiddenAct];
    expectClose(result.logits, expected.logits, 1e-5);
    const bias = result.gradients.get('bert.encoder.layer.0.intermediate.dense.bias')!;
    expectClose(bias.data, expected.gradient, 1e-5);
  });

  it('in bfloat16, as far as its 8 bits go', async () => {
    const { optimizer, trained } = reference;
    const train = await TrainGraph.create(loadEngine(), config, await readWeights(), {
      unfrozenLayers: 3,
      computeType: 'bfloat16',
      weightDecay: optimizer.weight_decay,
      maxGradNorm: optimizer.max_grad_norm,
      fusedOps,
    });
    const losses = optimizer.learning_rates.map(
      (learningRate, i) => train.step([batch], { step: i + 1, learningRate, seed: 0 }).loss,
    );
    train.close();
    expectClose(losses, trained[3]!.losses, 0.02);
    expect(losses).not.toEqual(trained[3]!.losses);
  });

  const MODES = [
    { unfrozenLayers: 3, mode: 'as one batch' },
    { unfrozenLayers: 1, mode: 'as one batch' },
    { unfrozenLayers: 0, mode: 'as one batch' },
    { unfrozenLayers: 1, mode: 'after layers computed once' },
    { unfrozenLayers: 0, mode: 'after layers computed once' },
    { unfrozenLayers: 3, mode: 'with activations computed again' },
    { unfrozenLayers: 3, mode: 'with gradients of two batches added up' },
  ];

  it.each(MODES)(
    'in three AdamW steps with $unfrozenLayers unfrozen layers, $mode',
    async ({ unfrozenLayers, mode }) => {
      const { optimizer, trained } = reference;
      const weights = await readWeights();
      const computeType = 'float32';
      const layers = mode.includes('once') ? config.numHiddenLayers - unfrozenLayers : 0;
      const batches = mode.includes('two batches')
        ? [rowsOf(0, 1), rowsOf(1, 4)]
        : [layers > 0 ? await hiddenBatch(layers) : batch];
      const train = await TrainGraph.create(loadEngine(), config, weights, {
        unfrozenLayers,
        computeType,
        weightDecay: optimizer.weight_decay,
        maxGradNorm: optimizer.max_grad_norm,
        skippedLayers: layers,
        gradientCheckpointing: mode.includes('again'),
        accumulateGradients: batches.length > 1,
        fusedOps,
      });
      const steps = optimizer.learning_rates.map((learningRate, i) =>
        train.step(batches, { step: i + 1, learningRate, seed: 0 }),
      );
      const expected = trained[unfrozenLayers]!;
      expectClose(
        steps.map(({ loss }) => loss),
        expected.losses,
        1e-5,
      );
      expectClose(
        steps.map(({ gradientNorm }) => gradientNorm),
        expected.gradient_norms,
        1e-5,
      );
      const after = new Map([...weights, ...train.readWeights()]);
      const changed = await read(`after-3-steps-unfrozen-${unfrozenLayers}.safetensors`);
      const before: StateDict = await readWeights();
      for (const [name, { data }] of before) {
        const weights = changed.get(name)?.data;
        if (isKeyBias(name)) continue;
        if (weights) expectClose(after.get(name)!.data, weights, 1e-5);
        else expect(after.get(name)!.data, `${name} is frozen`).toEqual(data);
      }
      train.close();
    },
  );
});
