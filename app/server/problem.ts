import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isNotFound, MlflowError } from 'mlflow-rest-ts';
import { RegistryError } from 'model-registry';
import { NoModelError } from './predict/model-host.js';
import { ModelError } from './predict/model-process.js';

/** What a caller is told when something goes wrong; `code` is for programs and translations. */
export interface ProblemBody {
  error: { code: string; message: string };
}

/** A request that cannot be served as it is. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The answer to an error; defects come without their message, which may hold a path or a text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof NoModelError) return new Problem(404, 'no_model', error.message);
  if (error instanceof ModelError) return new Problem(503, 'model_failed', error.message);
  if (error instanceof RegistryError) return new Problem(409, 'registry', error.message);
  if (error instanceof HTTPException) return ofHttp(error);
  if (error instanceof MlflowError) return ofMlflow(error);
  // InputError of the readers: what is wrong with an uploaded file, and what to do.
  if (error instanceof Error && error.name === 'InputError') {
    const { fix } = error as Error & { fix?: string };
    return new Problem(400, 'bad_input', fix ? `${error.message} ${fix}` : error.message);
  }
  return new Problem(500, 'defect', "Something failed here. The server's log says what.");
}

function ofHttp({ status, message }: HTTPException): Problem {
  const isForm = status === 415;
  const how = 'Send JSON, with the header content-type: application/json.';
  return new Problem(status, 'refused', isForm ? how : message);
}

function ofMlflow(error: MlflowError): Problem {
  const { errorCode, reason } = error;
  if (['CONNECTION_FAILED', 'TIMEOUT', 'INVALID_ANSWER'].includes(errorCode)) {
    const message = `MLflow cannot be reached: ${reason}. Start it, or correct MLFLOW_TRACKING_URI.`;
    return new Problem(503, 'mlflow_unreachable', message);
  }
  if (isNotFound(error)) return new Problem(404, 'not_found', reason);
  return new Problem(502, 'mlflow', `MLflow: ${reason}`);
}
