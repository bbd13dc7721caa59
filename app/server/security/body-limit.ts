import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem.js';

/**
 * Refuses larger bodies with 413. The length that a request announces decides where there is one:
 * Node reads no more than that, and Hono's own check, which counts, costs each request a stream.
 *
 * @param limit bytes
 */
export function limitBody(limit: number) {
  const refuse = () => {
    const megabytes = Math.floor(limit / 2 ** 20);
    throw new Problem(413, 'too_large', `The request is too large: ${megabytes} MB at most.`);
  };
  const counting = bodyLimit({ maxSize: limit, onError: refuse });
  return createMiddleware(async (c, next) => {
    const announced = c.req.header('content-length');
    if (announced === undefined || c.req.header('transfer-encoding')) return counting(c, next);
    if (Number(announced) > limit) refuse();
    await next();
  });
}
