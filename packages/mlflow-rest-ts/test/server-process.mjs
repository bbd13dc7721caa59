// Runs an MLflow server until the process that asked for it has gone.
// node server-process.mjs <pid to watch> <folder> [more arguments of `mlflow server`]
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [watched, folder, ...more] = process.argv.slice(2);
const mlflow =
  process.env.ML4_MLFLOW_BIN ?? resolve(import.meta.dirname, '../../../.ml4/mlflow/bin/mlflow');
const artifacts = join(folder, 'artifacts');
mkdirSync(artifacts, { recursive: true });

const port = await new Promise((found, failed) => {
  const probe = createServer().once('error', failed);
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});
const uri = `http://127.0.0.1:${port}`;
const log = openSync(join(folder, 'server.log'), 'w');
const server = spawn(
  mlflow,
  [
    'server',
    ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
    ...['--serve-artifacts', '--artifacts-destination', artifacts],
    ...more,
  ],
  {
    stdio: ['ignore', log, log],
    detached: true,
    env: {
      ...process.env,
      // Older servers look for gunicorn there.
      PATH: `${dirname(mlflow)}:${process.env.PATH}`,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
  },
);
let running = true;
const stopped = new Promise((done) => {
  server.once('error', done).once('exit', done);
}).then(() => {
  running = false;
});

report(await answers());
while (running && isAlive(Number(watched))) await Promise.race([delay(300), stopped]);
if (running) process.kill(-server.pid, 'SIGKILL');
await stopped;
rmSync(folder, { recursive: true, force: true });

/** A green /health proves nothing, so this asks the API. */
async function answers() {
  for (const start = Date.now(); running && Date.now() - start < 100_000; ) {
    const answer = await fetch(`${uri}/api/2.0/mlflow/experiments/get?experiment_id=0`).catch(
      () => undefined,
    );
    // 401: a server with authentication answers, too.
    if (answer?.ok || answer?.status === 401) return { uri, artifacts, pid: server.pid };
    await Promise.race([delay(100), stopped]);
  }
  return { error: `MLflow did not start; see ${join(folder, 'server.log')}` };
}

function report(message) {
  const file = join(folder, 'ready.json');
  writeFileSync(`${file}.part`, JSON.stringify(message));
  renameSync(`${file}.part`, file);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
