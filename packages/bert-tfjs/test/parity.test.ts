import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors } from '../src/checkpoint/safetensors.js';
import type { StateDict } from '../src/checkpoint/state-dict.js';
import { type BertConfig, HIDDEN_ACTS, type HiddenAct, parseBertConfig } from '../src/config.js';
import { type Engine, loadEngine } from '../src/graph/engine.js';
import { Graph, type Tensor, type Variable } from '../src/graph/graph.js';
import { divide, mean, sparseSoftmaxCrossEntropy } from '../src/graph/ops.js';
import { Session } from '../src/graph/session.js';
import { bertForSequenceClassification } from '../src/model/bert.js';
import { createParameters, takeVariableValue, toStateDict } from '../src/model/parameters.js';
import type { Batch } from '../src/train/batches.js';
import { TrainGraph } from '../src/train/train-graph.js';

const folder = join(import.meta.dirname, 'fixtures/parity');

interface Reference {
  input_ids: number[];
  lengths: number[];
  labels: number[];
  logits: number[];
  loss: number;
  activations: Record<HiddenAct, { logits: number[]; gradient: number[] }>;
  optimizer: { learning_rates: number[]; weight_decay: number; max_grad_norm: number };
  trained: Record<string, { losses: number[]; gradient_norms: number[] }>;
}

let engine: Engine;
let config: BertConfig;
let reference: Reference;
let batch: Batch;

beforeAll(async () => {
  engine = loadEngine();
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  config = parseBertConfig(await json('config.json'), 'config.json');
  reference = (await json('reference.json')) as Reference;
  batch = {
    inputIds: Int32Array.from(reference.input_ids),
    lengths: Int32Array.from(reference.lengths),
    length: Math.max(...reference.lengths),
    labels: Int32Array.from(reference.labels),
  };
});

const readWeights = () => readSafetensors(join(folder, 'model.safetensors'));

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  floor = 1e-3,
) {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected, Math.abs).reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(
      tolerance * Math.max(scale, floor),
    );
  }
}

// A key's bias shifts all scores of a query alike, which softmax ignores: its gradient is 0 but for
// rounding, and AdamW scales rounding up to whole steps.
const isKeyBias = (name: string) => name.endsWith('self.key.bias');
const GRADIENT_FLOOR = 0.01;

/** One forward and backward pass in fp32. */
async function differentiate(modelConfig: BertConfig) {
  const graph = new Graph();
  const parameters = createParameters(graph, modelConfig);
  const variables = [...graph.variables];
  const tensors = new Map<Variable, Tensor>();
  const inputs = {
    inputIds: graph.placeholder('input_ids', 'int32'),
    lengths: graph.placeholder('lengths', 'int32'),
  };
  const pass = { graph, computeType: 'float32', gradients: tensors } as const;
  const model = bertForSequenceClassification(pass, inputs, parameters, modelConfig);
  const labels = graph.placeholder('labels', 'int32');
  const [losses, gradient] = sparseSoftmaxCrossEntropy(model.logits, labels);
  model.backward(divide(gradient, batch.labels.length), modelConfig.numHiddenLayers);
  graph.output('logits', model.logits);
  graph.output('loss', mean(losses, [0]));
  for (const [variable, tensor] of tensors) graph.output(`gradient/${variable.name}`, tensor);

  const session = await Session.open(engine, graph);
  const weights = await readWeights();
  for (const variable of variables) {
    session.assign(variable.name, {
      shape: variable.shape,
      data: takeVariableValue(variable, weights),
    });
  }
  const feeds = {
    input_ids: { shape: [batch.lengths.length, batch.length], data: batch.inputIds },
    lengths: { shape: [batch.lengths.length], data: batch.lengths },
    labels: { shape: [batch.labels.length], data: batch.labels },
  };
  const [logits, loss] = session.run(feeds, ['logits', 'loss']);
  const values = session.run(
    feeds,
    variables.map(({ name }) => `gradient/${name}`),
  );
  const gradients = toStateDict(
    variables,
    (name) => values[variables.findIndex((variable) => variable.name === name)] as Float32Array,
  );
  const result = { logits, loss: loss[0]!, gradients };
  session.close();
  return result;
}

describe('BERT in fp32 agrees with PyTorch', () => {
  it('in logits, loss and the gradient of every parameter', async () => {
    const result = await differentiate(config);
    expectClose(result.logits, reference.logits, 1e-5);
    expectClose([result.loss], [reference.loss], 1e-5);
    const expected = await readSafetensors(join(folder, 'gradients.safetensors'));
    expect([...result.gradients.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) {
      expectClose(result.gradients.get(name)!.data, data, 1e-5, GRADIENT_FLOOR);
    }
  });

  it.each(HIDDEN_ACTS)('with the activation %s', async (hiddenAct) => {
    const result = await differentiate({ ...config, hiddenAct });
    const expected = reference.activations[hiddenAct];
    expectClose(result.logits, expected.logits, 1e-5);
    const bias = result.gradients.get('bert.encoder.layer.0.intermediate.dense.bias')!;
    expectClose(bias.data, expected.gradient, 1e-5);
  });

  it.each([3, 1, 0])('in three AdamW steps with %i unfrozen layers', async (unfrozenLayers) => {
    const { optimizer, trained } = reference;
    const train = await TrainGraph.create(engine, config, await readWeights(), {
      unfrozenLayers,
      computeType: 'float32',
      weightDecay: optimizer.weight_decay,
      maxGradNorm: optimizer.max_grad_norm,
    });
    const steps = optimizer.learning_rates.map((learningRate, i) =>
      train.step(batch, { step: i + 1, learningRate, seed: 0 }),
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
    const after = train.readWeights();
    train.close();
    const changed = await readSafetensors(
      join(folder, `after-3-steps-unfrozen-${unfrozenLayers}.safetensors`),
    );
    const before: StateDict = await readWeights();
    for (const [name, { data }] of before) {
      const weights = changed.get(name)?.data;
      if (isKeyBias(name)) continue;
      if (weights) expectClose(after.get(name)!.data, weights, 1e-5);
      else expect(after.get(name)!.data, `${name} is frozen`).toEqual(data);
    }
  });
});
