import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Engine } from '../graph/engine.js';
import { Graph } from '../graph/graph.js';
import { softmax } from '../graph/ops.js';
import type { ComputeType } from '../graph/precision.js';
import { Session } from '../graph/session.js';
import { bertForSequenceClassification } from '../model/bert.js';
import { createParameters, takeVariableValues } from '../model/parameters.js';
import { type Batch, batchFeeds } from '../train/batches.js';

/** BERT's forward pass and nothing else, with the weights in the engine. */
export class InferenceGraph {
  private constructor(private readonly session: Session) {}

  /** @param weights all tensors of the model; emptied as they move into the engine */
  static async create(
    engine: Engine,
    config: BertConfig,
    weights: StateDict,
    computeType: ComputeType,
  ): Promise<InferenceGraph> {
    const graph = new Graph();
    const parameters = createParameters(graph, config, { productType: computeType });
    const inputs = {
      inputIds: graph.placeholder('input_ids', 'int32'),
      lengths: graph.placeholder('lengths', 'int32'),
    };
    const pass = { graph, computeType, gradients: new Map() };
    const { logits } = bertForSequenceClassification(pass, inputs, parameters, config);
    graph.output('probabilities', softmax(logits));
    const session = await Session.open(engine, graph);
    await session.assign(takeVariableValues(graph.variables, weights));
    return new InferenceGraph(session);
  }

  /** Each label's probability, row by row: [batch, labels]. */
  probabilities(batch: Batch): Float32Array {
    return this.session.run(batchFeeds(batch), ['probabilities'])[0] as Float32Array;
  }

  /** Frees the engine's memory. */
  close(): void {
    this.session.close();
  }
}
