import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The executable of the MLflow that the tests use. */
export const MLFLOW =
  process.env.ML4_MLFLOW_BIN ?? resolve(import.meta.dirname, '../../../.ml4/mlflow/bin/mlflow');

/** Runs Python with that MLflow; answers the last line that it prints. */
export async function python(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(dirname(MLFLOW), 'python'), args, {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
    maxBuffer: 1 << 28,
  });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

/** Whether that MLflow is older than a version, e.g. `2.3`. */
export async function olderThan(version: string): Promise<boolean> {
  const installed = "import importlib.metadata as m; print(m.version('mlflow'))";
  const [actual, wanted] = [await python('-c', installed), version].map((text) =>
    text.split('.').map(Number),
  );
  const [major = 0, minor = 0] = actual ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = wanted ?? [];
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
