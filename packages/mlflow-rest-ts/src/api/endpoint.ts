import { isNotFound, type MlflowError } from '../errors.js';
import type { Endpoint, Method } from '../http.js';

type Rules<T> = Omit<Endpoint<T>, 'method' | 'path'>;

/** An endpoint of the REST API, by its path after `/api/2.0/mlflow/`. */
export function endpoint<T>(method: Method, path: string, rules: Rules<T> = {}): Endpoint<T> {
  return { method, path: `/api/2.0/mlflow/${path}`, ...rules };
}

/**
 * Rule of the calls that delete: the error of a repeated one, that there is nothing any more,
 * says that the attempt before had done it.
 */
export const goneIsDone = {
  ifDoneBefore: (error: MlflowError) => (isNotFound(error) ? true : undefined),
} satisfies Rules<unknown>;

/** For calls whose answer is empty. */
export const nothing = (): true => true;

/** An id or name as one segment of a path. */
export function segment(id: string): string {
  return encodeURIComponent(id);
}
