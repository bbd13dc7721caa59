import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.js';
import { Jobs } from './files/jobs.js';
import type { PageOptions } from './options.js';
import { ModelHost } from './predict/model-host.js';

export interface ListenOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0: a free one. */
  readonly port: number;
}

export interface RunningServer {
  url: string;
  /** Stops listening, lets requests finish, ends the models' processes. */
  close(): Promise<void>;
}

/** How often the registry is asked which version to serve. */
const FOLLOW_MS = 5_000;
const UPLOAD_LIMIT = 64 * 2 ** 20;

/**
 * Starts the page: listens at once, and loads the model meanwhile.
 *
 * @throws NodeJS.ErrnoException, such as EADDRINUSE
 */
export async function startServer(
  options: PageOptions,
  { host = '127.0.0.1', port }: ListenOptions,
): Promise<RunningServer> {
  const { uploadLimit = UPLOAD_LIMIT, readTexts, log } = options;
  const models = new ModelHost(options);
  const folder = await mkdtemp(join(tmpdir(), 'ml4-page-'));
  const jobs = new Jobs({ models, readTexts, folder, limit: uploadLimit });
  const app = createApp(options, models, jobs);
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });

  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let said: string | undefined;
  const follow = async () => {
    await models.refresh();
    const { served, problem } = models;
    const state = problem?.message ?? `Serving ${served?.name} ${served?.version}.`;
    if (state !== said && !closed) log(state);
    said = state;
    if (!closed) timer = setTimeout(follow, FOLLOW_MS);
  };
  void follow();

  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}`,
    async close() {
      closed = true;
      clearTimeout(timer);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      });
      await jobs.close();
      await models.close();
    },
  };
}
