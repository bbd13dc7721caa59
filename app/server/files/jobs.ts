import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import type { ModelHost } from '../predict/model-host.js';
import { Problem } from '../problem.js';
import { Job } from './job.js';
import { saveUpload } from './upload.js';

/** Reads the texts of a file, many at a time; throws InputError where the file is broken. */
export type ReadTexts = (file: string) => AsyncIterable<string[]>;

export interface JobsOptions {
  readonly models: ModelHost;
  readonly readTexts: ReadTexts;
  /** Of this server's own; it goes when the server does. */
  readonly folder: string;
  /** Bytes of a file. */
  readonly limit: number;
}

const KEPT_MS = 60 * 60_000;
const AT_ONCE = 4;

/** Uploaded files that are labeled, or were in the last hour. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #options: JobsOptions;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /**
   * Takes a file in, reads it through once to know that it is whole, and begins to label it.
   *
   * @param name of the file, whose ending says its format
   * @param version of the model; none: the served one
   */
  async start(
    name: string,
    body: ReadableStream<Uint8Array> | null,
    version: string | undefined,
  ): Promise<Job> {
    const { models, readTexts, folder, limit } = this.#options;
    await this.#tidy();
    const running = [...this.#jobs.values()].filter(({ status }) => status === 'running');
    if (running.length >= AT_ONCE) {
      throw new Problem(429, 'busy', 'Other files are being labeled. Try again in a while.');
    }
    const file = join(folder, `${randomUUID()}${endingOf(name)}`);
    await saveUpload(body, file, limit);
    const remove = () => rm(file, { force: true });
    try {
      let total = 0;
      for await (const texts of readTexts(file)) total += texts.length;
      if (total === 0) throw new Problem(400, 'bad_input', 'There is no text in the file.');
      const job = new Job(name, total, folder);
      this.#jobs.set(job.id, job);
      const work = models.using(version, (model) => job.run(readTexts(file), model));
      void work
        .catch((error: unknown) => {
          job.error = error;
          job.status = 'failed';
        })
        .finally(remove);
      return job;
    } catch (error) {
      await remove();
      throw withName(error, file, name);
    }
  }

  /** @throws Problem 404 */
  get(id: string): Job {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new Problem(404, 'not_found', 'There is no such file any more. Send it again.');
  }

  async remove(id: string): Promise<void> {
    const job = this.get(id);
    this.#jobs.delete(id);
    await job.remove();
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.cancel();
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #tidy(): Promise<void> {
    for (const { id, createdAt, status } of [...this.#jobs.values()]) {
      if (status !== 'running' && Date.now() - createdAt > KEPT_MS) await this.remove(id);
    }
  }
}

/** `.csv`, `.csv.gz`: what readers go by, and nothing that could be a path. */
function endingOf(name: string): string {
  return /(\.[a-z0-9]{1,10}){1,2}$/i.exec(name)?.[0].toLowerCase() ?? '';
}

/** The reader's message about the file as its owner calls it, not as it is called here. */
function withName(error: unknown, file: string, name: string): unknown {
  if (!(error instanceof Error) || error.name !== 'InputError') return error;
  const { where, fix } = error as Error & { where?: string; fix?: string };
  const place = where?.replaceAll(file, name);
  const message = [place && `${place}:`, error.message, fix].filter(Boolean).join(' ');
  return new Problem(400, 'bad_input', message.replaceAll(file, name));
}
