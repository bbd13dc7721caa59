/** What a failed call is known by; every error of this package carries it. */
export interface ErrorDetails {
  /** The server's error code (`RESOURCE_DOES_NOT_EXIST`, …), or one of ours where it gave none. */
  errorCode: string;
  /** HTTP status, or 0 where no answer came. */
  status: number;
  method: string;
  /** Path of the call, without host, query and credentials. */
  path: string;
  /** What to do about it, where that is known. */
  hint?: string | undefined;
  cause?: unknown;
}

/**
 * A call to MLflow that failed. `message` says what the server said; `hint`, where there is one,
 * what to do. Neither ever holds credentials, headers or query parameters.
 */
export class MlflowError extends Error {
  override readonly name: string = 'MlflowError';
  readonly errorCode: string;
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly hint: string | undefined;

  constructor(
    /** What the server said, or what went wrong on the way. */
    readonly reason: string,
    details: ErrorDetails,
  ) {
    const status = details.status === 0 ? '' : `${details.status} `;
    const hint = details.hint === undefined ? '' : ` (${details.hint})`;
    super(
      `${details.method} ${details.path}: ${status}${details.errorCode}: ${reason}${hint}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.errorCode = details.errorCode;
    this.status = details.status;
    this.method = details.method;
    this.path = details.path;
    this.hint = details.hint;
  }
}

/** No answer, or only a part of one, came from the server: `errorCode` is `CONNECTION_FAILED`. */
export class MlflowConnectionError extends MlflowError {
  override readonly name = 'MlflowConnectionError';

  constructor(
    reason: string,
    details: Omit<ErrorDetails, 'errorCode' | 'status'>,
    /** True when the request cannot have reached the server, so that any call may be repeated. */
    readonly neverSent: boolean,
  ) {
    super(reason, { ...details, errorCode: 'CONNECTION_FAILED', status: 0 });
  }
}

/** The server did not answer in `timeoutMs`: `errorCode` is `TIMEOUT`. */
export class MlflowTimeoutError extends MlflowError {
  override readonly name = 'MlflowTimeoutError';

  constructor(timeoutMs: number, details: Omit<ErrorDetails, 'errorCode' | 'status' | 'hint'>) {
    super(`no answer in ${timeoutMs} ms`, {
      ...details,
      errorCode: 'TIMEOUT',
      status: 0,
      hint: 'the server may be busy: raise timeoutMs or MLFLOW_HTTP_REQUEST_TIMEOUT',
    });
  }
}

/** The server's answer is not what the REST API promises: `errorCode` is `INVALID_ANSWER`. */
export class MlflowAnswerError extends MlflowError {
  override readonly name = 'MlflowAnswerError';

  constructor(reason: string, details: Omit<ErrorDetails, 'errorCode' | 'hint'>) {
    super(reason, {
      ...details,
      errorCode: 'INVALID_ANSWER',
      hint: 'is trackingUri an MLflow server, and not a page or a proxy before it?',
    });
  }
}

/** True for the error of a run, experiment, model, version, alias or artifact that is not there. */
export function isNotFound(error: unknown): error is MlflowError {
  if (hasCode(error, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND')) return true;
  // The server calls a missing alias an invalid parameter.
  return hasCode(error, 'INVALID_PARAMETER_VALUE') && /alias .*not found/i.test(error.reason);
}

/** True for the error of a create whose name is taken. */
export function isAlreadyExists(error: unknown): error is MlflowError {
  return hasCode(error, 'RESOURCE_ALREADY_EXISTS');
}

/** True for the error of a call without, or with wrong, credentials. */
export function isUnauthorized(error: unknown): error is MlflowError {
  return error instanceof MlflowError && (error.status === 401 || error.status === 403);
}

/** True for the error of a value that the server does not take. */
export function isInvalidParameter(error: unknown): error is MlflowError {
  return hasCode(error, 'INVALID_PARAMETER_VALUE');
}

/** The server's database refuses what it has already: some calls let its words through (3.17). */
export function isUniqueViolation(error: unknown): error is MlflowError {
  return hasCode(error, 'BAD_REQUEST') && /UNIQUE constraint|duplicate key/i.test(error.message);
}

function hasCode(error: unknown, ...codes: string[]): error is MlflowError {
  return error instanceof MlflowError && codes.includes(error.errorCode);
}
