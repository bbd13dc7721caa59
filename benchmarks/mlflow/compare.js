// @ts-check
/**
 * mlflow-rest-ts against MLflow's Python client: in turn, on one server of its own.
 *
 * usage: npm run bench:mlflow -- [--repeats 5] [--megabytes 440] [--tasks upload,download] [--out result.json]
 * Needs the built package and the MLflow of the set-up: .ml4/mlflow, or ML4_MLFLOW_BIN.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { MlflowClient } from 'mlflow-rest-ts';

/** @typedef {{ seconds: number, moved: number, peakBytes: number, grownBytes: number }} Measured */

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    megabytes: { type: 'string', default: '440' },
    out: { type: 'string' },
    tasks: { type: 'string' },
  },
});
const root = join(import.meta.dirname, '../..');
const mlflow = process.env.ML4_MLFLOW_BIN ?? join(root, '.ml4/mlflow/bin/mlflow');
/** @type {['ours', 'python']} */
const SIDES = ['ours', 'python'];
const COMMANDS = {
  ours: [process.execPath, join(import.meta.dirname, 'client.js')],
  python: [join(dirname(mlflow), 'python'), join(import.meta.dirname, 'client.py')],
};
const RUNS = 200;
const megabytes = Number(values.megabytes);
const moves = { 'log-background': 10_000, 'log-batches': 10_000, search: RUNS };
const bytes = Object.fromEntries(
  ['upload', 'download', 'download-checked'].map((task) => [task, megabytes * 1e6]),
);

const folder = await mkdtemp(join(tmpdir(), 'bench-mlflow-'));
try {
  const uri = await startServer();
  const client = new MlflowClient({ trackingUri: uri });
  const file = join(folder, 'file.bin');
  await writeRandom(file);
  const tasks = [];
  for (const [task, expected] of Object.entries({ ...moves, ...bytes })) {
    if (values.tasks && !values.tasks.split(',').includes(task)) continue;
    tasks.push(await compare(client, uri, task, expected, file));
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem() };
  const software = { node: process.version, mlflow: await client.serverVersion() };
  const result = { machine, software, repeats: Number(values.repeats), megabytes, tasks };
  const json = `${JSON.stringify(result, undefined, 2)}\n`;
  if (values.out) await writeFile(values.out, json);
  else console.log(json);
} finally {
  // The server ends by itself after this process, and takes its folder along.
  await rm(join(folder, 'file.bin'), { force: true });
}

/**
 * Both sides in turn, each measurement in a process of its own; which goes first alternates.
 *
 * @param {MlflowClient} client
 * @param {string} uri
 * @param {string} task
 * @param {number} expected how much it must have moved
 * @param {string} file
 */
async function compare(client, uri, task, expected, file) {
  const { experimentId } = await client.ensureExperiment(task);
  if (task === 'search') await makeRuns(client, experimentId);
  const { runId, artifactUri } = (await client.ensureRun({ experimentId, key: 'first' })).info;
  if (task.startsWith('download'))
    await client.uploadFile(`${artifactUri}/${basename(file)}`, file);
  /** @type {{ ours: Measured[], python: Measured[] }} */
  const measured = { ours: [], python: [] };
  for (let i = 0; i < Number(values.repeats); i++) {
    for (const side of i % 2 ? SIDES.toReversed() : SIDES) {
      const logs = task.startsWith('log');
      const id = logs ? (await client.runs.create({ experimentId })).info.runId : runId;
      const [program = '', ...args] = [...COMMANDS[side], task, uri, id, file];
      const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' };
      const { stdout } = await promisify(execFile)(program, args, { env });
      const result = /** @type {Measured} */ (JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
      const there = logs ? await countMetrics(client, id) : result.moved;
      if (there !== expected) throw new Error(`${side} moved ${there}, not ${expected}: ${task}`);
      measured[side].push(result);
    }
  }
  const [ours, python] = [medians(measured.ours), medians(measured.python)];
  const ratio = python.seconds / ours.seconds;
  console.error(`${task}: ${ours.seconds.toFixed(2)} s, ${ratio.toFixed(2)}× Python's throughput`);
  return { task, moved: expected, ours, python, ratio };
}

/** @param {Measured[]} measured */
function medians(measured) {
  const of = (/** @type {(one: Measured) => number} */ field) =>
    measured.map(field).sort((a, b) => a - b)[measured.length >> 1] ?? Number.NaN;
  return {
    seconds: of(({ seconds }) => seconds),
    peakBytes: of(({ peakBytes }) => peakBytes),
    grownBytes: of(({ grownBytes }) => grownBytes),
    all: measured.map(({ seconds }) => seconds),
  };
}

/**
 * @param {MlflowClient} client
 * @param {string} runId
 */
async function countMetrics(client, runId) {
  let count = 0;
  for await (const _ of client.metrics.getHistoryAll({ runId, key: 'loss' })) count++;
  return count;
}

/**
 * @param {MlflowClient} client
 * @param {string} experimentId
 */
async function makeRuns(client, experimentId) {
  await client.ensureRun({ experimentId, key: 'first' });
  for (let i = 1; i < RUNS; i++) {
    const { runId } = (await client.runs.create({ experimentId })).info;
    const names = Array.from({ length: 20 }, (_, n) => n);
    await client.logParams(runId, Object.fromEntries(names.map((n) => [`p${n}`, `${i}`])));
    await client.logMetrics(
      runId,
      names.map((n) => ({ key: `m${n}`, value: i, step: 0 })),
    );
  }
}

/** @param {string} file */
async function writeRandom(file) {
  const handle = await open(file, 'w');
  for (let i = 0; i < megabytes; i++) await handle.write(randomBytes(1_000_000));
  await handle.close();
}

/** @returns {Promise<string>} its address */
async function startServer() {
  const script = join(root, 'packages/mlflow-rest-ts/test/server-process.mjs');
  const args = [script, String(process.pid), folder];
  spawn(process.execPath, args, { stdio: 'ignore', detached: true }).unref();
  const ready = join(folder, 'ready.json');
  while (!existsSync(ready)) await delay(100);
  const { uri, error } = JSON.parse(await readFile(ready, 'utf8'));
  if (error) throw new Error(error);
  return uri;
}
