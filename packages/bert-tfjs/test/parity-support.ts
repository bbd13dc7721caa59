import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readSafetensors } from '../src/checkpoint/safetensors.js';
import type { StateDict } from '../src/checkpoint/state-dict.js';
import { type BertConfig, parseBertConfig } from '../src/config.js';
import { loadEngine } from '../src/graph/engine.js';
import { Graph, type Tensor, type Variable } from '../src/graph/graph.js';
import { divide, mean, sparseSoftmaxCrossEntropy } from '../src/graph/ops.js';
import { Session } from '../src/graph/session.js';
import { bertForSequenceClassification } from '../src/model/bert.js';
import { createParameters, takeVariableValues, toStateDict } from '../src/model/parameters.js';
import type { Batch } from '../src/train/batches.js';

/** What PyTorch computed for a batch. */
export interface Reference {
  input_ids: number[];
  lengths: number[];
  labels: number[];
  logits: number[];
  loss: number;
}

/** A folder that `fixtures/make-parity.py` made: a tiny model, a batch, and what PyTorch computes. */
export async function readParity<T extends Reference>(name: string) {
  const folder = join(import.meta.dirname, 'fixtures', name);
  const json = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'));
  const reference = (await json('reference.json')) as T;
  const batch: Batch = {
    inputIds: Int32Array.from(reference.input_ids),
    lengths: Int32Array.from(reference.lengths),
    length: Math.max(...reference.lengths),
    labels: Int32Array.from(reference.labels),
  };
  const read = (file: string) => readSafetensors(join(folder, file));
  return {
    config: parseBertConfig(await json('config.json'), 'config.json'),
    reference,
    batch,
    read,
    readWeights: () => read('model.safetensors'),
  };
}

/** Each value within `tolerance` of the largest magnitude expected. */
export function expectClose(
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
// rounding, which this floor lets pass.
export const GRADIENT_FLOOR = 0.02;

/** One forward and backward pass in fp32. */
export async function differentiate(
  config: BertConfig,
  weights: StateDict,
  batch: Batch,
  fusedOps: boolean,
) {
  const graph = new Graph({ fusedOps });
  const parameters = createParameters(graph, config);
  const variables = [...graph.variables];
  const tensors = new Map<Variable, Tensor>();
  const inputs = {
    inputIds: graph.placeholder('input_ids', 'int32'),
    lengths: graph.placeholder('lengths', 'int32'),
  };
  const pass = { graph, computeType: 'float32', gradients: tensors } as const;
  const model = bertForSequenceClassification(pass, inputs, parameters, config);
  const labels = graph.placeholder('labels', 'int32');
  const [losses, gradient] = sparseSoftmaxCrossEntropy(model.logits, labels);
  model.backward(divide(gradient, batch.labels.length), config.numHiddenLayers);
  graph.output('logits', model.logits);
  graph.output('loss', mean(losses, [0]));
  for (const [variable, tensor] of tensors) graph.output(`gradient/${variable.name}`, tensor);

  const session = await Session.open(loadEngine(), graph);
  await session.assign(takeVariableValues(variables, weights));
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
    new Map(
      variables.map(({ name, shape }, i) => [name, { shape, data: values[i] as Float32Array }]),
    ),
  );
  const result = { logits, loss: loss[0]!, gradients };
  session.close();
  return result;
}
