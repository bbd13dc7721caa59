import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../predict/model-host.js';
import { csvRow, jsonlRow } from './results.js';

/** Texts that are under way at once: enough for full batches, few enough to let others through. */
const CHUNK = 64;

export type JobStatus = 'running' | 'done' | 'failed' | 'canceled';

/** A file of texts that is being labeled, and its results on the disk. */
export class Job {
  readonly id = randomUUID();
  readonly createdAt = Date.now();
  status: JobStatus = 'running';
  done = 0;
  /** How many texts got each label. */
  readonly counts: Record<string, number> = {};
  error: unknown;
  #canceled = false;

  constructor(
    readonly name: string,
    readonly total: number,
    readonly folder: string,
  ) {}

  resultFile(format: 'csv' | 'jsonl'): string {
    return join(this.folder, `${this.id}.${format}`);
  }

  /** Labels the texts. Never throws: `status` and `error` say how it went. */
  async run(texts: AsyncIterable<string[]>, model: Model): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const files = {
      csv: createWriteStream(this.resultFile('csv'), { mode: 0o600 }),
      jsonl: createWriteStream(this.resultFile('jsonl'), { mode: 0o600 }),
    };
    try {
      const { labels } = model;
      // Excel takes a CSV file for UTF-8 only with a byte order mark.
      await write(files.csv, `\ufeff${csvRow(['text', 'label', 'score', ...labels])}`);
      for await (const rows of texts) {
        for (let i = 0; i < rows.length && !this.#canceled; i += CHUNK) {
          await this.#label(rows.slice(i, i + CHUNK), model, files);
        }
        if (this.#canceled) break;
      }
      this.status = this.#canceled ? 'canceled' : 'done';
    } catch (error) {
      this.error = error;
      this.status = 'failed';
    } finally {
      await Promise.all(Object.values(files).map(ended));
    }
  }

  cancel(): void {
    this.#canceled = true;
  }

  async remove(): Promise<void> {
    this.cancel();
    await rm(this.resultFile('csv'), { force: true });
    await rm(this.resultFile('jsonl'), { force: true });
  }

  async #label(texts: string[], model: Model, files: Record<'csv' | 'jsonl', WriteStream>) {
    const rows = await Promise.all(texts.map((text) => model.predict(text)));
    let csv = '';
    let jsonl = '';
    for (const [i, probabilities] of rows.entries()) {
      const score = Math.max(...probabilities);
      const label = model.labels[probabilities.indexOf(score)]!;
      this.counts[label] = (this.counts[label] ?? 0) + 1;
      const rounded = probabilities.map((p) => Number(p.toFixed(6)));
      csv += csvRow([texts[i]!, label, score.toFixed(6), ...rounded.map(String)]);
      jsonl += jsonlRow(texts[i]!, label, Number(score.toFixed(6)), rounded);
    }
    await write(files.csv, csv);
    await write(files.jsonl, jsonl);
    this.done += texts.length;
  }
}

async function write(file: WriteStream, text: string): Promise<void> {
  if (!file.write(text)) await once(file, 'drain');
}

async function ended(file: WriteStream): Promise<void> {
  await new Promise<void>((resolve) => file.end(() => resolve()));
}
