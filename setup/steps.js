// @ts-check

const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/**
 * Shows what the set-up does: a line with its time for each step that had something to do and,
 * on a terminal, a last line that lives while steps are running.
 */
export class Steps {
  /** Titles of the steps now running. @type {Set<string>} */
  #running = new Set();
  #begun = performance.now();
  #shown = 0;
  #frame = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {NodeJS.WriteStream} [out] */
  constructor(out = process.stdout) {
    this.out = out;
    if (out.isTTY) this.#timer = setInterval(() => this.#draw(), 100);
    this.#timer?.unref();
  }

  /**
   * @template T
   * @param {string} title
   * @param {(done: (note?: string) => void) => Promise<T>} work calls `done` when it has changed
   *   something; what was up to date gets no line
   * @returns {Promise<T>}
   */
  async step(title, work) {
    const begun = performance.now();
    /** @type {string | undefined} */
    let note;
    this.#running.add(title);
    try {
      const result = await work((text = '') => {
        note = text;
      });
      if (note !== undefined) this.#print(`${title.padEnd(38)} ${note.padStart(8)}`, begun);
      return result;
    } finally {
      this.#running.delete(title);
    }
  }

  /**
   * Ends the display.
   * @param {string} [summary] last line, with the time since the first step
   */
  close(summary) {
    clearInterval(this.#timer);
    this.#clear();
    if (summary)
      this.#print(this.#shown === 0 ? `${summary} (nothing to do)` : summary, this.#begun);
  }

  /**
   * @param {string} text
   * @param {number} begun
   */
  #print(text, begun) {
    this.#clear();
    this.#shown++;
    const seconds = `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    const mark = this.out.isTTY && !process.env.NO_COLOR ? '\x1b[32m✔\x1b[39m' : '✔';
    this.out.write(`${mark} ${text.padEnd(48)}${seconds.padStart(8)}\n`);
  }

  #draw() {
    this.#clear();
    if (this.#running.size === 0) return;
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    const frame = frames[this.#frame++ % frames.length];
    const text = `${frame} ${[...this.#running].join(', ')} … ${seconds} s`;
    this.out.write(text.slice(0, (this.out.columns || 80) - 1));
  }

  #clear() {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}
