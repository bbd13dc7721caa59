import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** A labeled text as every later stage reads it; `label` is an index into the labels' names. */
export interface Example {
  id: string;
  text: string;
  label: number;
}

/** Writes a split as JSONL and sums it up on the way. */
export class SplitWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #lines: string[] = [];
  #rows = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<SplitWriter> {
    return new SplitWriter(await open(path, 'wx'));
  }

  /** Keeps the example until the next `flush`. */
  add({ id, text, label }: Example): void {
    this.#lines.push(`${JSON.stringify({ id, text, label })}\n`);
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(this.#lines.join(''));
    this.#rows += this.#lines.length;
    this.#lines = [];
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
  }

  /** Flushes what is left and says what was written. */
  async finish(): Promise<{ sha256: string; rows: number }> {
    await this.flush();
    await this.#file.sync();
    return { sha256: this.#hash.digest('hex'), rows: this.#rows };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
