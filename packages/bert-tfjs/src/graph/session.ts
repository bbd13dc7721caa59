import { DATA_TYPE } from './data-type.js';
import type { Engine } from './engine.js';
import type { Graph } from './graph.js';
import { withSavedModel } from './saved-model.js';

/** The value of a placeholder in one run. */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const LOT_BYTES = 64e6;

/** Runs a {@link Graph} on the engine. Holds the graph's variables until {@link Session.close}. */
export class Session {
  readonly #engine: Engine;
  readonly #id: number;

  private constructor(engine: Engine, id: number) {
    this.#engine = engine;
    this.#id = id;
  }

  /** Loads the graph into the engine. Its variables have to be set before they are read. */
  static async open(engine: Engine, graph: Graph): Promise<Session> {
    const id = await withSavedModel(graph.nodes, (folder) =>
      engine.loadSavedModel(folder, 'serve'),
    );
    return new Session(engine, id);
  }

  /** Computes the named nodes. Blocks until they are there. */
  run<const Names extends readonly string[]>(
    feeds: Readonly<Record<string, Feed>>,
    fetches: Names,
  ): { [K in keyof Names]: Float32Array | Int32Array | Uint8Array } {
    const inputs = Object.values(feeds).map(({ shape, data }) => {
      const dtype = data instanceof Int32Array ? DATA_TYPE.int32 : DATA_TYPE.float32;
      return this.#engine.createTensor(shape, dtype, data);
    });
    try {
      const names = (list: readonly string[]) => list.map((name) => `${name}:0`).join();
      const outputs = this.#engine.runSavedModel(
        this.#id,
        inputs,
        names(Object.keys(feeds)),
        names(fetches),
      );
      const values = outputs.map(({ id }) => this.#engine.tensorDataSync(id));
      for (const { id } of outputs) this.#engine.deleteTensor(id);
      return values as { [K in keyof Names]: Float32Array };
    } finally {
      for (const id of inputs) this.#engine.deleteTensor(id);
    }
  }

  /**
   * Sets variables, by name: in few runs, as TensorFlow prepares each kind of run anew, but not all in
   * one, so that little is held twice.
   */
  assign(values: Iterable<readonly [string, Feed]>): void {
    let lot: Record<string, Feed> = {};
    let bytes = 0;
    const assignLot = () => {
      const names = Object.keys(lot);
      const feeds = names.map((name) => [`initial/${name}`, lot[name]!]);
      if (names.length > 0) {
        this.run(
          Object.fromEntries(feeds),
          names.map((name) => `assign/${name}`),
        );
      }
      lot = {};
      bytes = 0;
    };
    for (const [name, feed] of values) {
      lot[name] = feed;
      bytes += feed.data.byteLength;
      if (bytes > LOT_BYTES) assignLot();
    }
    assignLot();
  }

  /** Copies of variables' values. */
  values(names: readonly string[]): Map<string, Float32Array> {
    const values = this.run(
      {},
      names.map((name) => `value/${name}`),
    );
    return new Map(names.map((name, i) => [name, values[i] as Float32Array]));
  }

  /** Frees the variables. The session cannot be used afterwards. */
  close(): void {
    this.#engine.deleteSavedModel(this.#id);
  }
}
