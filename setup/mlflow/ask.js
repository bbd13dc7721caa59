// @ts-check

/**
 * Asks for an experiment, since `/health` also answers where the API does not.
 *
 * @param {string} uri
 * @returns {Promise<'mlflow' | 'nothing' | 'something else'>} what answers there
 */
export async function ask(uri) {
  try {
    const response = await fetch(`${uri}/api/2.0/mlflow/experiments/search?max_results=1`, {
      signal: AbortSignal.timeout(20_000), // a busy server with SQLite takes up to 13 s
    });
    const body = /** @type {{ experiments?: unknown }} */ (await response.json());
    return response.ok && Array.isArray(body.experiments ?? []) ? 'mlflow' : 'something else';
  } catch (error) {
    const { cause } = /** @type {{ cause?: NodeJS.ErrnoException }} */ (error);
    return cause?.code === 'ECONNREFUSED' ? 'nothing' : 'something else';
  }
}
