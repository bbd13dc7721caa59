import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Engine } from '../graph/engine.js';
import { Graph, type Tensor } from '../graph/graph.js';
import { reshape } from '../graph/ops.js';
import type { ComputeType } from '../graph/precision.js';
import { Session } from '../graph/session.js';
import { bottomHiddenStates } from '../model/bert.js';
import { createParameters, takeVariableValues, variablesOf } from '../model/parameters.js';
import { type Batch, batchFeeds } from './batches.js';

/** Numbers of 32 bits that a token's hidden states take. */
export const hiddenWidth = ({ hiddenSize }: BertConfig, computeType: ComputeType): number =>
  computeType === 'bfloat16' ? hiddenSize / 2 : hiddenSize;

/**
 * The embeddings and the bottom layers, which training does not change: their output, without
 * dropout, is the same at every epoch.
 */
export class FrozenLayers {
  private constructor(private readonly session: Session) {}

  /** @param weights of the whole model; kept as they are */
  static async create(
    engine: Engine,
    config: BertConfig,
    weights: StateDict,
    { layers, computeType }: { layers: number; computeType: ComputeType },
  ): Promise<FrozenLayers> {
    const graph = new Graph();
    const { head, ...parameters } = createParameters(graph, config, { productType: computeType });
    const bottom = { ...parameters, layers: parameters.layers.slice(0, layers) };
    const inputs = {
      inputIds: graph.placeholder('input_ids', 'int32'),
      lengths: graph.placeholder('lengths', 'int32'),
    };
    const pass = { graph, computeType, gradients: new Map() };
    const states = bottomHiddenStates(pass, inputs, { ...parameters, head }, config, layers);
    graph.output('hidden_states', toInt32(graph.cast(states, computeType)));
    const session = await Session.open(engine, graph);
    await session.assign(takeVariableValues(variablesOf(bottom), new Map(weights)));
    return new FrozenLayers(session);
  }

  /** The output for a batch, as bits: [batch, length or 1, {@link hiddenWidth}]. */
  hiddenStates(batch: Batch): Int32Array {
    return this.session.run(batchFeeds(batch), ['hidden_states'])[0] as Int32Array;
  }

  /** Frees the engine's memory. */
  close(): void {
    this.session.close();
  }
}

/** The same bits as int32, which is what the engine gives out: two bfloat16 make one. */
function toInt32(x: Tensor) {
  const { graph, dtype } = x;
  const pairs = dtype === 'bfloat16' ? reshape(x, [-1, 2]) : x;
  const attributes = { T: { type: dtype }, type: { type: 'int32' } } as const;
  return graph.op('Bitcast', [pairs], attributes, { dtypes: ['int32'] })[0];
}
