// Runs the tests on the oldest MLflow 2 that installs: npm run test:oldest -w mlflow-rest-ts
// It is kept in .ml4/mlflow-oldest until its requirements change.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const environment = join(root, '.ml4/mlflow-oldest');
const requirements = join(import.meta.dirname, 'oldest-mlflow.requirements.txt');
const installed = join(environment, 'requirements.txt');

if (read(installed) !== read(requirements)) {
  rmSync(environment, { recursive: true, force: true });
  run('python3', ['-m', 'venv', environment]);
  // pip, not uv: it also looks where it is configured to find packages.
  const install = ['-m', 'pip', 'install', '-q', '--require-hashes', '--only-binary=:all:'];
  run(join(environment, 'bin/python'), [...install, '-r', requirements]);
  copyFileSync(requirements, installed);
}
process.env.ML4_MLFLOW_BIN = join(environment, 'bin/mlflow');
run('npx', ['vitest', 'run', 'packages/mlflow-rest-ts/test', ...process.argv.slice(2)]);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
    process.exit(1);
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
