import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The executable of MLflow that the tests use. */
export const MLFLOW =
  process.env.ML4_MLFLOW_BIN ?? resolve(import.meta.dirname, '../../../.ml4/mlflow/bin/mlflow');

/** Runs a script with the Python that has this MLflow, and answers what it prints. */
export async function python(
  args: string[],
  env: Record<string, string | undefined> = {},
): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(join(dirname(MLFLOW), 'python'), args, {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', ...env },
    maxBuffer: 1 << 28,
  });
  return stdout;
}
