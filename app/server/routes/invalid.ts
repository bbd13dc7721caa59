import type { Hook, z } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { Problem } from '../problem.js';

/** A request that does not match its schema: 400, naming the field. */
export const refuseInvalid: Hook<unknown, Env, string, unknown> = (result) => {
  if (result.success) return;
  throw new Problem(400, 'invalid', describe(result.error.issues));
};

function describe(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map((issue) => {
      if (issue.code === 'invalid_union') return describeForms(issue.errors);
      const { path, message } = issue;
      return path.length > 0 ? `${path.join('.')}: ${message}` : message;
    })
    .join('; ');
}

/** Of the forms that a request may have: what keeps it from the nearest of them. */
function describeForms(forms: readonly (readonly z.core.$ZodIssue[])[]): string {
  const fewest = Math.min(...forms.map((issues) => issues.length));
  return forms
    .filter((issues) => issues.length === fewest)
    .map(describe)
    .join('; or ');
}
