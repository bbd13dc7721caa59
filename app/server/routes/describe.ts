import { z } from '@hono/zod-openapi';
import { ErrorSchema } from '../schemas.js';

/** An answer of JSON in OpenAPI's words. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { 'application/json': { schema } }, description };
}

/** An answer whose form is a TypeScript type: its fields are not listed in the document. */
export function typed<T>(description: string) {
  const schema = z.custom<T>(() => true).openapi({ type: 'object', description });
  return json(schema, description);
}

/** What every route may answer too. */
export const failures = {
  '4XX': json(ErrorSchema, 'What is wrong with the request'),
  '5XX': json(ErrorSchema, 'What went wrong here, and what to do'),
};
