import type { Hook } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { Problem } from '../problem.js';

/** A request that does not match its schema: 400, naming the field. */
export const refuseInvalid: Hook<unknown, Env, string, unknown> = (result) => {
  if (result.success) return;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new Problem(400, 'invalid', problems.join('; '));
};
