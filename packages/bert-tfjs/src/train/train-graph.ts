import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Engine } from '../graph/engine.js';
import { Graph, type Tensor, type Variable } from '../graph/graph.js';
import { divide, mean, reshape, shapeOf, sparseSoftmaxCrossEntropy } from '../graph/ops.js';
import type { ComputeType } from '../graph/precision.js';
import { Session } from '../graph/session.js';
import { adamW, adamWFeeds, momentNames, resetFeeds } from '../model/adamw.js';
import { bertForSequenceClassification, bertFromHiddenStates } from '../model/bert.js';
import type { ForwardPass } from '../model/differentiable.js';
import {
  type BertParameters,
  createCopies,
  createParameters,
  takeVariableValues,
  toStateDict,
  variablesOf,
} from '../model/parameters.js';
import { type Batch, batchFeeds } from './batches.js';
import type { HiddenBatch } from './hidden-state-file.js';

export interface TrainGraphOptions {
  /** Layers from the top that are trained; with all of them the embeddings are too. */
  readonly unfrozenLayers: number;
  readonly computeType: ForwardPass['computeType'];
  readonly weightDecay: number;
  /** Gradients of a greater norm are scaled down to it. */
  readonly maxGradNorm: number;
  /**
   * Bottom layers that the graph does without: its batches are their output. Not more than are
   * frozen. @default 0
   */
  readonly skippedLayers?: number | undefined;
  /** Whether a step takes several batches, whose gradients add up. @default false */
  readonly accumulateGradients?: boolean | undefined;
  /** Whether activations are computed again in the backward pass: slower, in less memory. @default false */
  readonly gradientCheckpointing?: boolean | undefined;
  /** Whether to use bert-tfjs's own ops. @default where the engine has them */
  readonly fusedOps?: boolean | undefined;
}

/**
 * The whole train step (forward, backward, AdamW) as one TensorFlow graph, and the forward pass of
 * evaluation beside it, on the same variables.
 */
export class TrainGraph {
  private constructor(
    private readonly session: Session,
    private readonly weights: readonly Variable[],
    private readonly trained: readonly Variable[],
    private readonly hasCopies: boolean,
    private readonly accumulates: boolean,
  ) {}

  /**
   * Builds the graph and sets its weights; AdamW starts afresh.
   *
   * @param weights all tensors of the model; those that the graph needs are taken out, so that a
   * large model is not held twice
   */
  static async create(
    engine: Engine,
    config: BertConfig,
    weights: StateDict,
    options: TrainGraphOptions,
  ): Promise<TrainGraph> {
    const graph = new Graph(options);
    const { skippedLayers = 0, computeType } = options;
    const parameters = createParameters(graph, config);
    const { layers, head } = parameters;
    const part = skippedLayers > 0 ? [layers.slice(skippedLayers), head] : parameters;
    const variables = variablesOf(part);
    const hasCopies = graph.fusedOps && computeType === 'bfloat16';
    const copies = hasCopies ? createCopies(graph, part) : undefined;
    const run = modelRunner(graph, parameters, config, options);

    const evaluation = { graph, computeType, copies, gradients: new Map<Variable, Tensor>() };
    graph.output('logits', run(evaluation).logits);

    const gradients = new Map<Variable, Tensor>();
    const model = run({
      graph,
      computeType,
      copies,
      gradients,
      dropout: { seed: graph.placeholder('dropout_seed', 'int32'), places: 0 },
      recompute: options.gradientCheckpointing,
    });
    const labels = graph.placeholder('labels', 'int32');
    const [losses, gradient] = sparseSoftmaxCrossEntropy(model.logits, labels);
    graph.output('loss', mean(losses, [0]));
    const batchSize = graph.placeholder('batch_size', 'float32');
    model.backward(divide(gradient, batchSize));
    const summed = options.accumulateGradients ? accumulate(graph, gradients) : gradients;
    adamW(graph, summed, { ...options, copies });

    const session = await Session.open(engine, graph);
    await session.assign(takeVariableValues(variables, weights));
    session.run(resetFeeds(), ['reset_moments']);
    const train = new TrainGraph(
      session,
      variables,
      [...gradients.keys()],
      hasCopies,
      options.accumulateGradients ?? false,
    );
    train.refreshCopies();
    if (options.accumulateGradients) session.run({}, ['reset_gradients']);
    return train;
  }

  /**
   * One optimizer step.
   *
   * @param batches one, or with `accumulateGradients` any number: the step is the one of all their
   * texts together
   * @param step counts from 1
   * @param seed with the step decides which units dropout drops
   * @returns the texts' mean loss before the step, and its gradients' norm before clipping
   */
  step(
    batches: readonly (Batch | HiddenBatch)[],
    { step, learningRate, seed }: { step: number; learningRate: number; seed: number },
  ): { loss: number; gradientNorm: number } {
    const rows = batches.reduce((sum, { labels }) => sum + labels.length, 0);
    const update = adamWFeeds(step, learningRate);
    const feeds = (batch: Batch | HiddenBatch, i: number) => ({
      ...feedsOf(batch),
      labels: { shape: [batch.labels.length], data: batch.labels },
      batch_size: { shape: [], data: Float32Array.of(rows) },
      // Seeds are far apart from one step to the next, so that no two passes share one.
      dropout_seed: { shape: [2], data: Int32Array.of(seed + Math.imul(i, 0x9e3779b1), step) },
    });
    if (!this.accumulates) {
      const [loss, norm] = this.session.run({ ...feeds(batches[0]!, 0), ...update }, [
        'loss',
        'gradient_norm',
      ]);
      return { loss: loss[0]!, gradientNorm: norm[0]! };
    }
    let total = 0;
    for (const [i, batch] of batches.entries()) {
      const [loss] = this.session.run(feeds(batch, i), ['loss', 'accumulated']);
      total += loss[0]! * batch.labels.length;
    }
    const [norm] = this.session.run(update, ['gradient_norm']);
    this.session.run({}, ['reset_gradients']);
    return { loss: total / rows, gradientNorm: norm[0]! };
  }

  /** Logits without dropout, row by row: [batch, labels]. */
  logits(batch: Batch | HiddenBatch): Float32Array {
    return this.session.run(feedsOf(batch), ['logits'])[0] as Float32Array;
  }

  /** The weights that the graph holds, under Hugging Face's names; to be used before the next step. */
  readWeights(): StateDict {
    return toStateDict(this.session.values(this.weights));
  }

  /**
   * All that training changes, to be used before the next step: the trained weights and AdamW's
   * moments.
   */
  readState(): StateDict {
    const variables = this.trained.flatMap(({ name, shape }) =>
      [name, ...momentNames(name)].map((key) => ({ name: key, shape })),
    );
    return this.session.values(variables);
  }

  /** Goes back to what {@link readState} gave. */
  async writeState(state: StateDict): Promise<void> {
    await this.session.assign(state);
    this.refreshCopies();
  }

  /** Frees the engine's memory. */
  close(): void {
    this.session.close();
  }

  private refreshCopies(): void {
    if (this.hasCopies) this.session.run({}, ['refresh_copies']);
  }
}

/**
 * Adds variables that gradients are added to: by the node `accumulated`, until `reset_gradients`.
 *
 * @returns their values
 */
function accumulate(graph: Graph, gradients: ReadonlyMap<Variable, Tensor>): Map<Variable, Tensor> {
  const sums = [...gradients.keys()].map(({ name, shape }) =>
    graph.variable(`gradient/${name}`, shape),
  );
  const added = [...gradients.values()].map((gradient, i) =>
    graph.assign(sums[i]!, graph.cast(gradient, 'float32'), [], 'AssignAddVariableOp'),
  );
  graph.done('accumulated', added);
  const zeros = sums.map((sum) => {
    const [zero] = graph.op('Fill', [graph.constant(sum.shape, 'int32'), graph.constant(0)], {
      T: { type: 'float32' },
      index_type: { type: 'int32' },
    });
    return graph.assign(sum, zero);
  });
  graph.done('reset_gradients', zeros);
  return new Map([...gradients.keys()].map((variable, i) => [variable, sums[i]!.value]));
}

/** Adds the model to the graph, for a pass: from token ids on, or from the skipped layers' output. */
function modelRunner(
  graph: Graph,
  parameters: BertParameters,
  config: BertConfig,
  { skippedLayers = 0, unfrozenLayers, computeType }: TrainGraphOptions,
): (pass: ForwardPass) => { logits: Tensor; backward(dLogits: Tensor): void } {
  const lengths = graph.placeholder('lengths', 'int32');
  if (skippedLayers === 0) {
    const inputs = { inputIds: graph.placeholder('input_ids', 'int32'), lengths };
    return (pass) => {
      const model = bertForSequenceClassification(pass, inputs, parameters, config);
      const backward = (dLogits: Tensor) => model.backward(dLogits, unfrozenLayers);
      return { logits: model.logits, backward };
    };
  }
  const bits = graph.placeholder('hidden_states', 'int32');
  const inputs = { hiddenStates: hiddenStatesOf(bits, computeType, config), lengths };
  return (pass) => bertFromHiddenStates(pass, inputs, parameters, config, skippedLayers);
}

/** The same bits as numbers: int32 [batch, length, width] → [batch, length, hidden]. */
function hiddenStatesOf(bits: Tensor, type: ComputeType, { hiddenSize }: BertConfig): Tensor {
  const attributes = { T: { type: 'int32' }, type: { type } } as const;
  const [values] = bits.graph.op('Bitcast', [bits], attributes, { dtypes: [type] });
  const [batch, length] = shapeOf(bits, 3) as [Tensor, Tensor];
  return reshape(values, [batch, length, hiddenSize]);
}

function feedsOf(batch: Batch | HiddenBatch) {
  if ('inputIds' in batch) return batchFeeds(batch);
  const { hiddenStates, width, length, lengths } = batch;
  return {
    hidden_states: { shape: [lengths.length, length, width], data: hiddenStates },
    lengths: { shape: [lengths.length], data: lengths },
  };
}
