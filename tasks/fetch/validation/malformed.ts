import type { InputError } from '../../pipeline/errors.js';
import { type Observation, observe, Tally } from './checks.js';

/** Rows that are not as their file promises: where they are, what is wrong, and what to do. */
export class MalformedRows {
  readonly #tally = new Tally(10);
  /** For those that are named. */
  readonly #fixes = new Set<string>();

  add({ message, fix }: InputError, where: () => string): void {
    this.#tally.add(() => {
      if (fix) this.#fixes.add(fix);
      return `${where()}: ${message}`;
    });
  }

  /** Rows that all have the same problem. */
  addAll(problem: InputError, { rows, examples }: Tally): void {
    for (const example of examples) this.add(problem, () => example);
    this.#tally.rows += rows - examples.length;
  }

  observations(rows: number): Observation[] {
    const fixes = [...this.#fixes].join(' ');
    return observe('malformed', this.#tally, rows, (n) =>
      `${n} rows are not as they should be, and left out. ${fixes}`.trim(),
    );
  }
}
