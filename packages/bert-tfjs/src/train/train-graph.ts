import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Engine } from '../graph/engine.js';
import { Graph, type Tensor, type Variable } from '../graph/graph.js';
import { divide, mean, sparseSoftmaxCrossEntropy } from '../graph/ops.js';
import { Session } from '../graph/session.js';
import { adamW, adamWFeeds, momentNames, resetFeeds } from '../model/adamw.js';
import { bertForSequenceClassification } from '../model/bert.js';
import type { ForwardPass } from '../model/differentiable.js';
import {
  createCopies,
  createParameters,
  takeVariableValue,
  toStateDict,
} from '../model/parameters.js';
import { type Batch, batchFeeds } from './batches.js';

export interface TrainGraphOptions {
  /** Layers from the top that are trained; with all of them the embeddings are too. */
  readonly unfrozenLayers: number;
  readonly computeType: ForwardPass['computeType'];
  readonly weightDecay: number;
  /** Gradients of a greater norm are scaled down to it. */
  readonly maxGradNorm: number;
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
  ) {}

  /**
   * Builds the graph and sets its weights; AdamW starts afresh.
   *
   * @param weights all tensors of the model; emptied as they move into the engine, so that a large
   * model is not held twice
   */
  static async create(
    engine: Engine,
    config: BertConfig,
    weights: StateDict,
    options: TrainGraphOptions,
  ): Promise<TrainGraph> {
    const graph = new Graph(options);
    const parameters = createParameters(graph, config);
    const variables = [...graph.variables];
    const hasCopies = graph.fusedOps && options.computeType === 'bfloat16';
    const copies = hasCopies ? createCopies(graph, parameters) : undefined;
    const inputs = {
      inputIds: graph.placeholder('input_ids', 'int32'),
      lengths: graph.placeholder('lengths', 'int32'),
    };

    const { computeType } = options;
    const evaluation = { graph, computeType, copies, gradients: new Map<Variable, Tensor>() };
    graph.output(
      'logits',
      bertForSequenceClassification(evaluation, inputs, parameters, config).logits,
    );

    const gradients = new Map<Variable, Tensor>();
    const dropout = { seed: graph.placeholder('dropout_seed', 'int32'), places: 0 };
    const training = { graph, computeType, copies, gradients, dropout };
    const model = bertForSequenceClassification(training, inputs, parameters, config);
    const labels = graph.placeholder('labels', 'int32');
    const [losses, gradient] = sparseSoftmaxCrossEntropy(model.logits, labels);
    graph.output('loss', mean(losses, [0]));
    const batchSize = graph.placeholder('batch_size', 'float32');
    model.backward(divide(gradient, batchSize), options.unfrozenLayers);
    adamW(graph, gradients, { ...options, copies });

    const session = await Session.open(engine, graph);
    for (const variable of variables) {
      session.assign(variable.name, {
        shape: variable.shape,
        data: takeVariableValue(variable, weights),
      });
    }
    session.run(resetFeeds(), ['reset_moments']);
    const train = new TrainGraph(session, variables, [...gradients.keys()], hasCopies);
    train.refreshCopies();
    return train;
  }

  /**
   * One optimizer step.
   *
   * @param step counts from 1
   * @param seed with the step decides which units dropout drops
   * @returns the batch's mean loss before the step, and its gradients' norm before clipping
   */
  step(
    batch: Batch,
    { step, learningRate, seed }: { step: number; learningRate: number; seed: number },
  ): { loss: number; gradientNorm: number } {
    const rows = batch.labels.length;
    const feeds = {
      ...batchFeeds(batch),
      ...adamWFeeds(step, learningRate),
      labels: { shape: [rows], data: batch.labels },
      batch_size: { shape: [], data: Float32Array.of(rows) },
      dropout_seed: { shape: [2], data: Int32Array.of(seed, step) },
    };
    const [loss, norm] = this.session.run(feeds, ['loss', 'gradient_norm']);
    return { loss: loss[0]!, gradientNorm: norm[0]! };
  }

  /** Logits without dropout, row by row: [batch, labels]. */
  logits(batch: Batch): Float32Array {
    return this.session.run(batchFeeds(batch), ['logits'])[0] as Float32Array;
  }

  /** A copy of the model's weights, under Hugging Face's names. */
  readWeights(): StateDict {
    return toStateDict(this.weights, (name) => this.session.value(name));
  }

  /** A copy of all that training changes: the trained weights and AdamW's moments. */
  readState(): StateDict {
    const state: StateDict = new Map();
    for (const { name, shape } of this.trained) {
      for (const key of [name, ...momentNames(name)]) {
        state.set(key, { shape: [...shape], data: this.session.value(key) });
      }
    }
    return state;
  }

  /** Goes back to what {@link readState} gave. */
  writeState(state: StateDict): void {
    for (const [name, { shape, data }] of state) this.session.assign(name, { shape, data });
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
