/** Bad input or configuration: repeating the command is no use until it is put right. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode = 2;
  /** File, line, key or row that the message is about. */
  readonly where: string | undefined;
  /** What to do about it, as a sentence. */
  readonly fix: string | undefined;

  constructor(message: string, details: { where?: string; fix?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.where = details.where;
    this.fix = details.fix;
  }
}

/** The model is not good enough to be registered. Airflow shows the task as skipped (`skip_on_exit_code`). */
export class GateNotPassed extends Error {
  override readonly name = 'GateNotPassed';
  readonly exitCode = 99;
}
