import { MlflowConnectionError, MlflowError } from './errors.js';

/** Errors of Node's sockets that come before a request is sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Errors of the file that is read or written on this side of the call. */
const LOCAL_FILE = new Set(['EACCES', 'EDQUOT', 'EFBIG', 'EIO', 'EISDIR', 'ENOENT', 'ENOSPC']);

/** Errors of TLS that no repetition cures: `CERT_HAS_EXPIRED`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`, …. */
const UNTRUSTED = /CERT|SIGNATURE/;

type NodeError = Error & { code?: string };

/** fetch throws a TypeError for every failure of the network; Node's sockets have a `code`. */
export function isNetworkFailure(error: unknown): error is NodeError {
  if (error instanceof TypeError) return true;
  return error instanceof Error && 'code' in error && !LOCAL_FILE.has(String(error.code));
}

/** The error of a call that got no answer, or only a part of one. */
export function connectionError(
  error: NodeError,
  { method, path }: { method: string; path: string },
  base: string,
): MlflowError {
  const { code = '', message } = (error.cause ?? error) as NodeError;
  const reason = message || code || error.message;
  if (UNTRUSTED.test(code)) {
    return new MlflowError(reason, {
      errorCode: 'UNTRUSTED_SERVER',
      status: 0,
      method,
      path,
      hint: "give `tls`, or set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate of the server's authority",
      cause: error,
    });
  }
  const neverSent = NEVER_SENT.has(code);
  const hint = neverSent ? `does MLflow run at ${base}?` : undefined;
  return new MlflowConnectionError(reason, { method, path, hint, cause: error }, neverSent);
}
