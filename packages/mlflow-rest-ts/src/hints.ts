import { MlflowError } from './errors.js';

/** Makes the error of an answer that is not 2xx; its body may be JSON, HTML or plain text. */
export function serverError(
  { method, path }: { method: string; path: string },
  response: Response,
  body: string,
): MlflowError {
  const { status } = response;
  const json = parseErrorBody(body);
  const errorCode = json?.errorCode ?? CODES[status] ?? `HTTP_${status}`;
  const reason = json?.message || plainText(body) || response.statusText || 'no reason given';
  return new MlflowError(reason, {
    errorCode,
    status,
    method,
    path,
    hint: hint(status, json !== undefined, reason, response.headers.get('location')),
  });
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

function parseErrorBody(body: string): { errorCode: string; message: string } | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== 'object' || json === null || !('error_code' in json)) return undefined;
    const message = 'message' in json ? String(json.message) : '';
    return { errorCode: String(json.error_code), message };
  } catch {
    return undefined;
  }
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
