// @ts-check
// What Airflow and the containers add to each stage: the DAG against `ml4 run` on this machine, in
// turn, on the quickstart with one epoch. Needs the stack (docker-compose up -d), the set-up, and
// another user than root: the stages of root's checkout run as user 1000, who may not write its files.
// usage: npm run bench:airflow [pairs]
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const pairs = Number(process.argv[2] ?? 3);
const stages = ['fetch', 'train', 'eval', 'register', 'notify'];
const airflow = `http://127.0.0.1:${process.env.ML4_AIRFLOW_PORT || 8080}`;
const mlflow = `http://127.0.0.1:${process.env.ML4_MLFLOW_PORT || 5050}`;

/**
 * @param {string} path
 * @param {object} [body]
 * @param {string} [token]
 */
async function call(path, body, token) {
  const response = await fetch(`${airflow}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

/** Seconds of each stage within one `ml4 run`. @param {number} seed */
async function runHere(seed) {
  const args = ['run', '--config', 'configs/quickstart.yaml', '--yes', '--fresh'];
  args.push('--set', 'train.epochs=1', '--set', `train.seed=${seed}`);
  const child = spawn(process.execPath, ['tasks/bin/ml4.js', ...args], {
    cwd: root,
    env: { ...process.env, MLFLOW_TRACKING_URI: mlflow },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** @type {Record<string, number>} */
  const seconds = {};
  for await (const line of createInterface(child.stderr)) {
    if (!line.startsWith('{')) continue;
    const entry = JSON.parse(line);
    if (entry.seconds !== undefined && entry.stage) seconds[entry.stage] = entry.seconds;
  }
  return seconds;
}

/**
 * Seconds of each task of one DAG run, from the end of the one before (or the run's start) to its
 * own end: with all that Airflow does in between.
 *
 * @param {number} seed
 */
async function runInAirflow(seed) {
  const login = { username: 'admin', password: 'admin' };
  const { access_token: token } = await call('/auth/token', login);
  const conf = { config: 'configs/quickstart.yaml', 'train.epochs': 1, 'train.seed': seed };
  const runs = '/api/v2/dags/ml4_pipeline/dagRuns';
  const { dag_run_id } = await call(runs, { logical_date: null, conf }, token);
  const path = `${runs}/${encodeURIComponent(dag_run_id)}`;
  let run = await call(path, undefined, token);
  while (!['success', 'failed'].includes(run.state)) {
    await delay(500);
    run = await call(path, undefined, token);
  }
  if (run.state === 'failed') {
    throw new Error(`The DAG run ${dag_run_id} failed: see its tasks' logs at ${airflow}.`);
  }
  await delay(5_000); // notify, a teardown, ends after the run's state is known
  const { task_instances } = await call(`${path}/taskInstances`, undefined, token);
  let before = Date.parse(run.start_date);
  /** @type {Record<string, number>} */
  const seconds = {};
  for (const stage of stages) {
    const task = task_instances.find(({ task_id = '' }) => task_id === stage);
    const end = Date.parse(task.end_date);
    seconds[stage] = (end - before) / 1000;
    before = end;
  }
  return seconds;
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** @type {Record<string, number>[]} */
const here = [];
/** @type {Record<string, number>[]} */
const there = [];
for (let pair = 0; pair < pairs; pair++) {
  here.push(await runHere(1000 + pair));
  there.push(await runInAirflow(1000 + pair));
}
console.log(`Medians of ${pairs} pairs, in seconds`);
console.log('stage      ml4 run   Airflow     added');
const added = stages.map((stage) => {
  const own = median(here.map((run) => run[stage] ?? 0));
  const task = median(there.map((run) => run[stage] ?? 0));
  const columns = [own, task, task - own].map((value) => value.toFixed(2).padStart(10));
  console.log(stage.padEnd(9) + columns.join(''));
  return task - own;
});
const mean = added.reduce((sum, value) => sum + value, 0) / stages.length;
console.log(`Added to a stage, on average: ${mean.toFixed(2)} s`);
