import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { Problem } from '../problem.js';
import { SESSION_COOKIE } from '../security/guard.js';
import type { Sessions } from '../security/session.js';
import { failures, json } from './describe.js';
import { refuseInvalid } from './invalid.js';

const SessionAnswer = z
  .object({ required: z.boolean(), open: z.boolean() })
  .openapi('Session', { description: 'Whether a password is asked for, and was given' });
const SignIn = z.strictObject({ password: z.string().min(1).max(200) }).openapi('SignIn');

const tags = ['Session'];
const show = createRoute({
  method: 'get',
  path: '/api/session',
  tags,
  summary: 'Whether one has to sign in',
  responses: { 200: json(SessionAnswer, 'The session'), ...failures },
});
const open = createRoute({
  method: 'post',
  path: '/api/session',
  tags,
  summary: 'Sign in: sets a cookie',
  request: { body: { required: true, ...json(SignIn, 'The password') } },
  responses: { 200: json(SessionAnswer, 'The session'), ...failures },
});
const close = createRoute({
  method: 'delete',
  path: '/api/session',
  tags,
  summary: 'Sign out',
  responses: { 200: json(SessionAnswer, 'The session'), ...failures },
});

/** Signing in and out. */
export function sessionRoutes(sessions: Sessions) {
  const { required } = sessions;
  return new OpenAPIHono({ defaultHook: refuseInvalid })
    .openapi(show, (c) => {
      const isOpen = !required || sessions.isOpen(getCookie(c, SESSION_COOKIE));
      return c.json({ required, open: isOpen }, 200);
    })
    .openapi(open, (c) => {
      if (sessions.blocked) {
        throw new Problem(429, 'too_many', 'Too many wrong passwords. Wait a minute.');
      }
      const cookie = sessions.open(c.req.valid('json').password);
      if (cookie === undefined) throw new Problem(401, 'wrong_password', 'That is not it.');
      const secure = c.req.header('x-forwarded-proto') === 'https';
      setCookie(c, SESSION_COOKIE, cookie, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: 12 * 60 * 60,
        secure,
      });
      return c.json({ required, open: true }, 200);
    })
    .openapi(close, (c) => {
      deleteCookie(c, SESSION_COOKIE, { path: '/' });
      return c.json({ required, open: !required }, 200);
    });
}
