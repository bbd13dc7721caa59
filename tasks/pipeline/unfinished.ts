import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from './errors.js';
import { writeFileAtomic } from './files.js';

/**
 * The pipeline that a command without --pipeline belongs to, until it is finished: a file named by
 * the configuration's hash, so that the same command, given again, finds it.
 */
export class UnfinishedPipeline {
  readonly #path: string;

  constructor(volumeRoot: string, configHash: string) {
    this.#path = join(volumeRoot, 'work', 'pipelines', `${configHash}.json`);
  }

  /**
   * Its id; undefined where the last one was finished.
   *
   * @throws InputError where another process is at work on it.
   */
  async find(): Promise<string | undefined> {
    const state = await this.#read();
    if (state && state.host === hostname() && state.pid !== process.pid && isAlive(state.pid)) {
      throw new InputError(
        `Pipeline ${state.pipeline_id} is running already, as process ${state.pid}.`,
        {
          fix: 'Wait for it, stop it, or start another one with --fresh.',
        },
      );
    }
    return state?.pipeline_id;
  }

  /** Records it as this process's. */
  async claim(pipelineId: string): Promise<void> {
    const state: State = { pipeline_id: pipelineId, host: hostname(), pid: process.pid };
    await writeFileAtomic(this.#path, `${JSON.stringify(state)}\n`);
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #read(): Promise<State | undefined> {
    try {
      return parseState(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

interface State {
  pipeline_id: string;
  host: string;
  pid: number;
}

/** A file that a person broke counts as none: the pipeline starts anew. */
function parseState(text: string): State | undefined {
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state !== 'object' || state === null) return undefined;
    const { pipeline_id, host, pid } = state as Partial<Record<keyof State, unknown>>;
    if (typeof pipeline_id !== 'string' || typeof host !== 'string' || typeof pid !== 'number') {
      return undefined;
    }
    return { pipeline_id, host, pid };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
