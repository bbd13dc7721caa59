import { type ClientResponse, type DetailedError, hc, parseResponse } from 'hono/client';
import type { Api } from '../server/app.js';

/** The server's routes, with their types. */
export const api = hc<Api>(window.location.origin);

/** A call that failed: `code` is the server's, or `offline` where no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The content of an answer.
 *
 * @throws ApiError with what the server says is wrong.
 */
export function answerOf<T extends ClientResponse<unknown>>(
  call: Promise<T>,
): ReturnType<typeof parseResponse<T>> {
  return parseResponse(call).catch((error: unknown) => {
    throw toApiError(error);
  });
}

function toApiError(error: unknown): ApiError {
  const { detail } = error as DetailedError;
  const body = (detail as { data?: { error?: { code?: string; message?: string } } } | undefined)
    ?.data?.error;
  if (body?.code) return new ApiError(body.code, body.message ?? '');
  return new ApiError('offline', error instanceof Error ? error.message : String(error));
}
