import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { Batcher } from './batcher.js';
import type { FromModel, LoadModel, ToModel } from './messages.js';

/** The model's process ended, or could not load the model. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/**
 * A model in a process of its own: computing does not hold up the server, memory is given back when
 * the model goes, and a crash of the engine takes nothing with it.
 */
export class ModelProcess {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (answer: FromModel | ModelError) => void>();
  readonly #batcher = new Batcher((texts: string[]) => this.#compute(texts));
  #nextId = 0;
  #ended: ModelError | undefined;

  private constructor(
    child: ChildProcess,
    /** Index is the label's id. */
    readonly labels: readonly string[],
    onEnd: (error: ModelError) => void,
  ) {
    this.#child = child;
    child.on('message', (message: FromModel) => {
      if ('id' in message && message.id !== undefined) this.#settle(message.id, message);
    });
    child.on('exit', () => {
      this.#ended = new ModelError("The model's process ended. It is started again.");
      for (const id of this.#answers.keys()) this.#settle(id, this.#ended);
      onEnd(this.#ended);
    });
  }

  /**
   * Starts the process and loads a Hugging Face folder.
   *
   * @param onEnd called when the process has ended, whatever the cause
   * @throws ModelError where the folder holds no model, or TensorFlow is not installed
   */
  static async start(load: LoadModel, onEnd: (error: ModelError) => void): Promise<ModelProcess> {
    const child = fork(join(import.meta.dirname, 'model-child.js'), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-500);
    });
    return new Promise((resolve, reject) => {
      const ended = () => reject(new ModelError(`The model's process ended: ${said.trim()}`));
      child.once('exit', ended);
      child.once('message', (message: FromModel) => {
        child.off('exit', ended);
        if ('labels' in message) {
          resolve(new ModelProcess(child, message.labels, onEnd));
        } else {
          child.disconnect();
          reject(new ModelError('error' in message ? message.error.message : 'unknown answer'));
        }
      });
      child.send({ load } satisfies ToModel);
    });
  }

  /** Each label's probability. The text shares a batch with those of other callers. */
  predict(text: string): Promise<number[]> {
    return this.#batcher.submit(text);
  }

  /** Ends the process. What is under way fails: call it when nothing is. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #compute(texts: string[]): Promise<number[][]> {
    if (this.#ended) throw this.#ended;
    const id = this.#nextId++;
    const answer = await new Promise<FromModel | ModelError>((resolve) => {
      this.#answers.set(id, resolve);
      this.#child.send({ id, texts } satisfies ToModel);
    });
    if ('probabilities' in answer) return answer.probabilities;
    throw answer instanceof ModelError
      ? answer
      : new ModelError('error' in answer ? answer.error.message : 'unknown answer');
  }

  #settle(id: number, answer: FromModel | ModelError): void {
    this.#answers.get(id)?.(answer);
    this.#answers.delete(id);
  }
}
