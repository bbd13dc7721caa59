import { DATA_TYPE } from './data-type.js';
import type { Engine } from './engine.js';
import type { Graph } from './graph.js';
import { withSavedModel } from './saved-model.js';

/** The value of a placeholder in one run. */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

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

  /** Sets a variable. */
  assign(name: string, feed: Feed): void {
    this.run({ [`initial/${name}`]: feed }, [`assign/${name}`]);
  }

  /** A copy of a variable's value. */
  value(name: string): Float32Array {
    return this.run({}, [`value/${name}`])[0] as Float32Array;
  }

  /** Frees the variables. The session cannot be used afterwards. */
  close(): void {
    this.#engine.deleteSavedModel(this.#id);
  }
}
