import { MlflowConnectionError, MlflowError } from './errors.js';

/** Makes the error of an answer that is not 2xx; its body may be JSON, HTML or plain text. */
export function serverError(
  { method, path }: { method: string; path: string },
  response: Response,
  body: string,
): MlflowError {
  const { status } = response;
  const parsed = tryJson(body);
  if (parsed === undefined && isJson(response)) return cutShort({ method, path });
  const json = parseErrorBody(parsed);
  const reason = json?.message || plainText(body) || response.statusText || 'no reason given';
  const errorCode = isMissingFile(status, reason)
    ? 'RESOURCE_DOES_NOT_EXIST'
    : (json?.errorCode ?? CODES[status] ?? `HTTP_${status}`);
  return new MlflowError(reason, {
    errorCode,
    status,
    method,
    path,
    hint: hint(status, json !== undefined, reason, response.headers.get('location')),
  });
}

/** MLflow 2 calls an artifact that is not there an internal error. */
function isMissingFile(status: number, reason: string): boolean {
  return status === 500 && reason.includes('FileNotFoundError');
}

/** The error of an answer that begins as JSON and does not end. */
export function cutShort(details: { method: string; path: string; cause?: unknown }): MlflowError {
  return new MlflowConnectionError('the answer is cut short', details, false);
}

/** Codes for the answers that carry none. */
const CODES: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'ENDPOINT_NOT_FOUND',
  405: 'ENDPOINT_NOT_FOUND',
  429: 'REQUEST_LIMIT_EXCEEDED',
  500: 'INTERNAL_ERROR',
  503: 'TEMPORARILY_UNAVAILABLE',
};

function hint(
  status: number,
  isJson: boolean,
  reason: string,
  location: string | null,
): string | undefined {
  if (status >= 300 && status < 400) return `the server has moved: is trackingUri ${location}?`;
  if (status === 401) {
    return 'give `auth`, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_TOKEN';
  }
  if (status === 403 && /host/i.test(reason)) {
    return "the server does not know itself by this name: start it with --allowed-hosts '<name>:<port>'";
  }
  if ((status === 404 || status === 405) && !isJson) {
    return 'this address has no such endpoint: check trackingUri, and the version of the server';
  }
  if (status === 501) return 'the server does not offer this for its kind of storage';
  return undefined;
}

function parseErrorBody(json: unknown): { errorCode: string; message: string } | undefined {
  if (typeof json !== 'object' || json === null || !('error_code' in json)) return undefined;
  const message = 'message' in json ? String(json.message) : '';
  return { errorCode: String(json.error_code), message };
}

/** The text as JSON; undefined where it is none. */
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the server says that its answer is JSON. */
export function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('json') ?? false;
}

/** An HTML page or text as one line of at most 300 characters. */
function plainText(body: string): string {
  const text = body
    .replace(/<(script|style|title)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
