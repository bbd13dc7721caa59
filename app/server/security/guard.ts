import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem.js';
import type { Sessions } from './session.js';

export const SESSION_COOKIE = 'ml4_session';

/**
 * Refuses what another site's page sends through a visitor's browser. Browsers say where a request
 * comes from; programs say nothing and carry no cookies.
 */
export const refuseCrossSite = createMiddleware(async (c, next) => {
  if (!['GET', 'HEAD'].includes(c.req.method)) {
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    const foreign =
      (site !== undefined && site !== 'same-origin' && site !== 'none') ||
      (origin !== undefined && !isHost(origin, c.req.header('host')));
    if (foreign) throw new Problem(403, 'cross_site', 'Requests from other sites are refused.');
  }
  await next();
});

function isHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Without a password the server trusts who is on this machine: then it answers under this machine's
 * own names only, so that no foreign name can be pointed at it (DNS rebinding).
 */
export const onlyLocalNames = createMiddleware(async (c, next) => {
  const host = c.req.header('host') ?? '';
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) {
    throw new Problem(403, 'foreign_host', 'Without a password this answers to localhost only.');
  }
  await next();
});

/** Asks for the session's cookie or the token. */
export const signedIn = (sessions: Sessions) =>
  createMiddleware(async (c, next) => {
    const allowed =
      sessions.isToken(c.req.header('authorization')) ||
      sessions.isOpen(getCookie(c, SESSION_COOKIE));
    if (!allowed) throw new Problem(401, 'sign_in', 'Sign in, or send the token.');
    await next();
  });
