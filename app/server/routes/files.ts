import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Job } from '../files/job.js';
import type { Jobs } from '../files/jobs.js';
import { Problem, problemOf } from '../problem.js';
import { FileAnswer, versionNumber } from '../schemas.js';
import { failures, json } from './describe.js';
import { refuseInvalid } from './invalid.js';

const tags = ['Files'];
const byId = z.object({ id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }) });

const send = createRoute({
  method: 'post',
  path: '/api/files',
  tags,
  summary: 'Label the texts of a file',
  description: 'CSV, TSV, JSONL (each also gzipped), parquet, or TXT with a text a line.',
  request: {
    query: z.object({
      name: z.string().min(1).max(255).openapi({ example: 'reviews.csv' }),
      version: versionNumber.optional(),
    }),
    body: {
      required: true,
      content: {
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
    },
  },
  responses: { 202: json(FileAnswer, 'It is being labeled'), ...failures },
});

const show = createRoute({
  method: 'get',
  path: '/api/files/{id}',
  tags,
  summary: 'How far a file is',
  request: { params: byId },
  responses: { 200: json(FileAnswer, 'How far it is'), ...failures },
});

const remove = createRoute({
  method: 'delete',
  path: '/api/files/{id}',
  tags,
  summary: 'Stop labeling a file, forget its results',
  request: { params: byId },
  responses: { 204: { description: 'Gone' }, ...failures },
});

const download = createRoute({
  method: 'get',
  path: '/api/files/{id}/results',
  tags,
  summary: 'The labeled texts',
  request: { params: byId, query: z.object({ format: z.enum(['csv', 'jsonl']).default('csv') }) },
  responses: {
    200: {
      description: 'A line a text, in the order of the file',
      content: { 'text/csv': { schema: z.string() } },
    },
    ...failures,
  },
});

/** Files of texts: sent, labeled in the background, fetched. */
export function fileRoutes(jobs: Jobs) {
  return new OpenAPIHono({ defaultHook: refuseInvalid })
    .openapi(send, async (c) => {
      const { name, version } = c.req.valid('query');
      const body = c.req.raw.body as ReadableStream<Uint8Array> | null;
      return c.json(toAnswer(await jobs.start(name, body, version)), 202);
    })
    .openapi(show, (c) => c.json(toAnswer(jobs.get(c.req.valid('param').id)), 200))
    .openapi(remove, async (c) => {
      await jobs.remove(c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(download, (c) => {
      const job = jobs.get(c.req.valid('param').id);
      const { format } = c.req.valid('query');
      if (job.status !== 'done') throw new Problem(409, 'not_done', 'The file is not done yet.');
      const stem = job.name.replace(/(\.[a-z0-9]{1,10}){1,2}$/i, '');
      const name = encodeURIComponent(`${stem}.labeled.${format}`);
      const body = Readable.toWeb(createReadStream(job.resultFile(format)));
      return c.body(body as globalThis.ReadableStream, 200, {
        'content-disposition': `attachment; filename*=UTF-8''${name}`,
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
      });
    });
}

function toAnswer(job: Job) {
  const { id, name, status, done, total, counts, error } = job;
  const message = error === undefined ? null : problemOf(error).message;
  return { id, name, status, done, total, counts, error: message };
}
