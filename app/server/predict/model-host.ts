import { availableParallelism } from 'node:os';
import type { RegisteredVersion } from 'model-registry';
import { ModelError, ModelProcess } from './model-process.js';

/** Where models come from: MLflow's registry, and the folders behind its versions. */
export interface ModelSource {
  /** Without a number, the version to serve: in Production, else the newest. */
  find(version?: string): Promise<RegisteredVersion | undefined>;
  /** A Hugging Face folder on this machine. */
  folder(version: RegisteredVersion): Promise<string>;
}

export interface ModelHostOptions {
  readonly source: ModelSource;
  readonly precision: 'auto' | 'bf16' | 'fp32';
  /** CPU threads. null: half of those there are; the others are for HTTP, and often share its cores. */
  readonly threads: number | null;
  /** Models beside the served one that stay loaded. @default 1 */
  readonly others?: number;
}

/** A loaded model, as those see it who use it. */
export interface Model {
  readonly version: RegisteredVersion;
  readonly labels: readonly string[];
  predict(text: string): Promise<number[]>;
}

interface Loaded {
  process: ModelProcess;
  users: number;
  retired: boolean;
}

/** No such version is registered. */
export class NoModelError extends Error {
  override readonly name = 'NoModelError';
}

/**
 * Keeps the served model loaded, and a few others that were asked for. When the registry names
 * another version to serve, that one is loaded first; who uses the one before finishes on it.
 */
export class ModelHost {
  readonly #options: ModelHostOptions;
  /** By version, the one used last at the end. */
  readonly #loaded = new Map<string, Promise<Loaded>>();
  #served: RegisteredVersion | undefined;
  #problem: Error | undefined;
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  /** The version that answers those who name none. */
  get served(): RegisteredVersion | undefined {
    return this.#served;
  }

  /** Why the last {@link refresh} failed; undefined when it did not. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** Asks the registry which version to serve, and loads it if it is another. Never throws. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /**
   * Calls `work` with a model, which stays until `work` is done.
   *
   * @param number of a version; none: the served one
   * @throws NoModelError, ModelError, MlflowError
   */
  async using<T>(number: string | undefined, work: (model: Model) => Promise<T>): Promise<T> {
    const version = await this.#find(number);
    const { loaded, release } = await this.#acquire(version);
    try {
      const { process } = loaded;
      return await work({
        version,
        labels: process.labels,
        predict: (text) => process.predict(text),
      });
    } finally {
      release();
    }
  }

  /** Lets who uses a model finish, then ends their processes. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const version of [...this.#loaded.keys()]) await this.#retire(version);
  }

  async #refresh(): Promise<void> {
    try {
      const version = await this.#options.source.find();
      if (version) await this.#load(version);
      this.#served = version;
      this.#problem = version ? undefined : new NoModelError('No model is registered yet.');
      await this.#evict();
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error));
    }
  }

  async #find(number: string | undefined): Promise<RegisteredVersion> {
    if (number === undefined || number === this.#served?.version) {
      if (!this.#served) await this.refresh();
      if (this.#served) return this.#served;
      throw this.#problem!; // where it has no model it says why
    }
    const version = await this.#options.source.find(number);
    if (version) return version;
    throw new NoModelError(`There is no version ${number}.`);
  }

  async #acquire(version: RegisteredVersion): Promise<{ loaded: Loaded; release: () => void }> {
    for (;;) {
      const loaded = await this.#load(version);
      if (loaded.retired) continue; // it was put away just now
      loaded.users++;
      void this.#evict();
      const release = () => {
        loaded.users--;
        if (loaded.retired && loaded.users === 0) loaded.process.close();
      };
      return { loaded, release };
    }
  }

  #load(version: RegisteredVersion): Promise<Loaded> {
    if (this.#closed) throw new ModelError('The server is shutting down.');
    const key = version.version;
    const found = this.#loaded.get(key);
    if (found) {
      this.#loaded.delete(key);
      this.#loaded.set(key, found); // used last
      return found;
    }
    const forget = () => {
      if (this.#loaded.get(key) === loading) this.#loaded.delete(key);
    };
    const loading = this.#start(version, forget);
    this.#loaded.set(key, loading);
    loading.catch(forget);
    return loading;
  }

  async #start(version: RegisteredVersion, onEnd: () => void): Promise<Loaded> {
    const { source, precision } = this.#options;
    const threads = this.#options.threads ?? Math.ceil(availableParallelism() / 2);
    const folder = await source.folder(version);
    const process = await ModelProcess.start({ folder, precision, threads }, onEnd);
    return { process, users: 0, retired: false };
  }

  /** Puts away what is neither served nor used lately. */
  async #evict(): Promise<void> {
    const { others = 1 } = this.#options;
    const spare = [...this.#loaded.keys()].filter((key) => key !== this.#served?.version);
    for (const key of spare.slice(0, Math.max(0, spare.length - others))) await this.#retire(key);
  }

  async #retire(key: string): Promise<void> {
    const loading = this.#loaded.get(key);
    this.#loaded.delete(key);
    const loaded = await loading?.catch(() => undefined);
    if (!loaded) return;
    loaded.retired = true;
    if (loaded.users === 0) loaded.process.close();
  }
}
