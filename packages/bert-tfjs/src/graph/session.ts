import { setImmediate } from 'node:timers/promises';
import { type NamedTensor, sizeOf } from '../checkpoint/state-dict.js';
import { DATA_TYPE } from './data-type.js';
import type { Engine } from './engine.js';
import type { Graph, Variable } from './graph.js';
import { withSavedModel } from './saved-model.js';

/** The value of a placeholder in one run. */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const LOT_BYTES = 16e6;

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
  async assign(values: Iterable<readonly [string, Feed]>): Promise<void> {
    for (const lot of lots(values, ([, { data }]) => data.byteLength)) {
      const feeds = lot.map(([name, feed]) => [`initial/${name}`, feed]);
      const fetches = lot.map(([name]) => `assign/${name}`);
      this.run(Object.fromEntries(feeds), fetches);
      await setImmediate(); // lets the garbage collector finish with the lot before
    }
  }

  /**
   * Variables' values as they are until the next run that changes them: copied when one is asked for,
   * together with some after it by name. Who takes them in that order has few in memory at a time.
   */
  values(variables: readonly Pick<Variable, 'name' | 'shape'>[]): Map<string, NamedTensor> {
    const sorted = variables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const values = new Map<string, NamedTensor>();
    let copied = new Map<string, Float32Array>();
    for (const lot of lots(sorted, ({ shape }) => 4 * sizeOf(shape))) {
      const names = lot.map(({ name }) => name);
      const copy = () => {
        const fetches = names.map((name) => `value/${name}`);
        const data = this.run({}, fetches) as Float32Array[];
        copied = new Map(names.map((name, i) => [name, data[i]!]));
      };
      for (const { name, shape } of lot) {
        values.set(name, {
          shape,
          get data() {
            if (!copied.has(name)) copy();
            return copied.get(name)!;
          },
        });
      }
    }
    return values;
  }

  /** Frees the variables. The session cannot be used afterwards. */
  close(): void {
    this.#engine.deleteSavedModel(this.#id);
  }
}

/** Cuts a list into pieces of some 16 MB. */
function* lots<T>(items: Iterable<T>, bytesOf: (item: T) => number): Generator<T[]> {
  let lot: T[] = [];
  let bytes = 0;
  for (const item of items) {
    lot.push(item);
    bytes += bytesOf(item);
    if (bytes <= LOT_BYTES) continue;
    yield lot;
    lot = [];
    bytes = 0;
  }
  if (lot.length > 0) yield lot;
}
