import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { except } from 'hono/combine';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import type { Jobs } from './files/jobs.js';
import type { PageOptions } from './options.js';
import type { ModelHost } from './predict/model-host.js';
import { Problem, problemOf } from './problem.js';
import { json } from './routes/describe.js';
import { fileRoutes } from './routes/files.js';
import { modelRoutes } from './routes/models.js';
import { predictRoutes, toModel } from './routes/predict.js';
import { runRoutes } from './routes/runs.js';
import { sessionRoutes } from './routes/session.js';
import { HealthAnswer } from './schemas.js';
import { limitBody } from './security/body-limit.js';
import { onlyLocalNames, refuseCrossSite, signedIn } from './security/guard.js';
import { Sessions } from './security/session.js';

const BROWSER = join(import.meta.dirname, '..', 'browser');
const JSON_LIMIT = 4 * 2 ** 20;

const health = createRoute({
  method: 'get',
  path: '/health',
  tags: ['Models'],
  summary: 'Whether a model answers',
  responses: {
    200: json(HealthAnswer, 'It does'),
    503: json(HealthAnswer, 'It does not, or not yet'),
  },
});

/** The HTTP API and the files of the page. */
export function createApp(options: PageOptions, models: ModelHost, jobs: Jobs) {
  const sessions = new Sessions(options.credentials);
  const root = new OpenAPIHono();
  root.onError((error, c) => {
    const problem = problemOf(error);
    if (problem.code === 'defect') options.log('A request failed.', { error });
    const { status, code, message } = problem;
    if (status === 413) c.header('connection', 'close'); // the rest of the body is not read
    return c.json({ error: { code, message } }, status);
  });
  root.notFound((c) => {
    const message = `There is no ${c.req.method} ${c.req.path}. /openapi.json lists what is.`;
    return c.json({ error: { code: 'not_found', message } }, 404);
  });

  root.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", NONCE],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      crossOriginResourcePolicy: 'same-origin',
      strictTransportSecurity: false, // that is for the proxy to say that speaks TLS
    }),
  );
  if (options.local && !sessions.required) root.use(onlyLocalNames);
  root.use(refuseCrossSite);
  if (sessions.required) {
    const open = ['/', '/health', '/api/session', '/openapi.json', '/assets/*', '/favicon.svg'];
    root.use(except(open, signedIn(sessions)));
  }
  root.use('/api/*', async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
  });
  root.use(except('/api/files', limitBody(JSON_LIMIT))); // files have a limit of their own

  const api = root
    .openapi(health, (c) => {
      const { served, problem } = models;
      const state = served ? 'ok' : problem ? 'failing' : 'loading';
      const answer = {
        status: state,
        model: served ? toModel(served) : null,
        problem: problem ? problemOf(problem).message : null,
      } as const;
      return served ? c.json(answer, 200) : c.json(answer, 503);
    })
    .route('/', sessionRoutes(sessions))
    .route('/', predictRoutes(models))
    .route('/', modelRoutes(options, models))
    .route('/', runRoutes(options))
    .route('/', fileRoutes(jobs));

  root.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'ml4',
      version: '0.1.0',
      description:
        'Labels Korean texts with the registered model, and manages its versions. Send `Authorization: Bearer <token>` where a token is set.',
    },
  });

  root.get('/', (c) => {
    const nonce = c.get('secureHeadersNonce') ?? '';
    c.header('cache-control', 'no-store');
    return c.html(indexPage().replaceAll('__NONCE__', nonce));
  });
  root.use(
    '/assets/*',
    serveStatic({
      root: BROWSER,
      onFound: (_, c) => c.header('cache-control', 'public, max-age=31536000, immutable'),
    }),
  );
  root.get('/favicon.svg', serveStatic({ root: BROWSER }));
  return api;
}

export type Api = ReturnType<typeof createApp>;

/** Read anew each time: it is small, and a rebuilt page shows without a restart. */
function indexPage(): string {
  try {
    return readFileSync(join(BROWSER, 'index.html'), 'utf8');
  } catch {
    throw new Problem(503, 'no_page', 'The page is not built: run `npm run setup`.');
  }
}
