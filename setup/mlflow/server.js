// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../problem.js';
import { installed, root } from '../project.js';
import { ask } from './ask.js';

const pidFile = join(installed, 'mlflow.pid');
const logFile = join(installed, 'mlflow.log');

/** @returns {string} where our server answers: port 5050, or ML4_MLFLOW_PORT's */
export function serverUri(env = process.env) {
  const port = env.ML4_MLFLOW_PORT || '5050';
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw new Problem(`ML4_MLFLOW_PORT must be a port from 1 to 65535; it is "${port}".`, {
      exitCode: 2,
    });
  }
  return `http://127.0.0.1:${Number(port)}`;
}

/**
 * Whether an MLflow answers at `uri` already.
 *
 * @param {string} uri
 * @throws {Problem} when something else does
 */
export async function serverRuns(uri) {
  const answer = await ask(uri);
  if (answer === 'something else') {
    throw new Problem(`${uri} is in use by something that is not MLflow.`, {
      fix: 'Choose another port, `ML4_MLFLOW_PORT=5051 npm start`, or name your own MLflow:\n`npm start -- --set tracking.uri=http://host:port`.',
      exitCode: 2,
    });
  }
  return answer === 'mlflow';
}

/**
 * Starts MLflow with its database and artifacts in mlruns/, as a process that outlives this one,
 * and waits until its API answers.
 *
 * @param {string} uri
 * @param {AbortSignal} signal
 */
export async function startServer(uri, signal) {
  await mkdir(join(root, 'mlruns'), { recursive: true });
  const log = openSync(logFile, 'w');
  const server = spawn(join(installed, 'mlflow/bin/python'), serverArguments(uri), {
    cwd: root,
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  server.unref();
  const ended = once(server, 'exit').then(
    () => true,
    () => true,
  );
  await writeFile(`${pidFile}.tmp`, `${server.pid}\n`);
  await rename(`${pidFile}.tmp`, pidFile);
  try {
    while ((await ask(uri)) !== 'mlflow') {
      const stopped = await Promise.race([ended, delay(100, false, { signal })]);
      if (stopped && (await ask(uri)) !== 'mlflow') throw await failure();
    }
  } catch (error) {
    await stopServer();
    throw signal.aborted ? signal.reason : error;
  }
}

/**
 * Stops the server that this folder has started.
 *
 * @returns {Promise<boolean>} false when none runs
 */
export async function stopServer() {
  const pid = runningServer();
  if (pid !== undefined) {
    process.kill(-pid, 'SIGTERM');
    const killAt = performance.now() + 10_000;
    while (groupRuns(pid)) {
      if (performance.now() > killAt) process.kill(-pid, 'SIGKILL');
      await delay(50);
    }
  }
  await rm(pidFile, { force: true });
  return pid !== undefined;
}

/** @returns {number | undefined} process id of the server that this folder has started, while it runs */
function runningServer() {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const ours =
      readlinkSync(`/proc/${pid}/cwd`) === root &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mlflow\0server');
    return ours ? pid : undefined; // an id may have passed on to another process
  } catch {
    return undefined;
  }
}

/**
 * Whether a process of this group runs: zombies, which some containers never bury, do not.
 *
 * @param {number} group
 */
function groupRuns(group) {
  return readdirSync('/proc').some((name) => {
    try {
      // "pid (program) state parent group …"
      const [, state, member] =
        /\) (\w) \d+ (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return Number(member) === group && state !== 'Z';
    } catch {
      return false; // not a process, or it has just ended
    }
  });
}

/** @param {string} uri */
function serverArguments(uri) {
  const { hostname, port } = new URL(uri);
  return [
    ...['-m', 'mlflow', 'server', '--host', hostname, '--port', port, '--workers', '1'],
    // relative to the project folder, which may move and whose name needs no escaping
    ...['--backend-store-uri', 'sqlite:///mlruns/mlflow.db'],
    ...['--serve-artifacts', '--artifacts-destination', 'mlruns'],
  ];
}

/** One process instead of fifteen, nothing reported home, nobody else's Python packages. */
function serverEnvironment() {
  const { PYTHONPATH, PYTHONHOME, PYTHONDONTWRITEBYTECODE, MLFLOW_TRACKING_URI, ...env } =
    process.env;
  return {
    ...env,
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
  };
}

async function failure() {
  const log = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-12).join('\n  ');
  return new Problem(`MLflow did not start.\n  ${log}`, { fix: `All of it: ${logFile}` });
}
