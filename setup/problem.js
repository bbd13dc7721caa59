// @ts-check

/** What keeps the set-up from going on, in words for the person in front of it. */
export class Problem extends Error {
  /**
   * @param {string} message what is wrong
   * @param {{ fix?: string, exitCode?: number, cause?: unknown }} [details] `fix` says what to do.
   *   Exit code 2 (the machine or the input is at fault, a retry is no use) or 1, the default.
   */
  constructor(message, { fix, exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.name = 'Problem';
    this.fix = fix;
    this.exitCode = exitCode;
  }
}
