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

/** The tracking server gives no answer: an outside failure, which may pass. */
export class MlflowUnreachable extends Error {
  override readonly name = 'MlflowUnreachable';
  readonly exitCode = 1;

  constructor(uri: string, reason: string, cause: Error) {
    super(
      `MLflow at ${uri} cannot be reached: ${reason}.\n` +
        'Start it (`npm start` does), or point MLFLOW_TRACKING_URI or tracking.uri to one that runs.',
      { cause },
    );
  }
}

/** The reason that a stage's signal carries after SIGINT or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: 130 | 143;

  constructor(signal: 'SIGINT' | 'SIGTERM', consequence = 'The same command goes on from here.') {
    super(`Stopped by ${signal}. ${consequence}`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}
