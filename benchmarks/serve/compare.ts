/**
 * `POST /predict` of ml4 against FastAPI with transformers (PyTorch, bfloat16): the same model on the
 * same machine, in turn. Times of loading are from the start of the program to its first answer.
 *
 * usage: npm run bench:serve -- --model <Hugging Face folder> [--size same|base] [--clients 1,8,32]
 *   [--seconds 4] [--rounds 3] [--servers ml4,torch,torch-batching]
 * Needs a Python with torch, transformers, fastapi, uvicorn[standard]: ML4_REFERENCE_PYTHON.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Load, load, predict } from './load.js';
import { writeClassifier } from './model.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    size: { type: 'string', default: 'same' },
    clients: { type: 'string', default: '1,8,32' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    servers: { type: 'string', default: 'ml4,torch,torch-batching' },
  },
});
if (!values.model) throw new Error('--model <folder> is missing');
// Compiled, this file lies in benchmarks/dist/serve.
const root = join(import.meta.dirname, '../../..');
const here = join(root, 'benchmarks/serve');
const python = process.env.ML4_REFERENCE_PYTHON ?? join(root, '.ml4/reference/bin/python');
const folder = await mkdtemp(join(tmpdir(), 'ml4-serve-'));
await writeClassifier(folder, values.model, values.size === 'base' ? 'base' : 'same');

const COMMANDS: Record<string, (port: number) => [string, string[]]> = {
  ml4: (port) => [
    process.execPath,
    [join(import.meta.dirname, 'ml4-server.js'), folder, String(port)],
  ],
  torch: (port) => [python, [join(here, 'torch_server.py'), folder, String(port)]],
  'torch-batching': (port) => [
    python,
    [join(here, 'torch_server.py'), folder, String(port), '--batching'],
  ],
};

interface Server {
  name: string;
  port: number;
  process: ChildProcess;
  /** From its start to its first answer. */
  loadSeconds: number;
}

async function start(name: string, port: number): Promise<Server> {
  const [command, args] = COMMANDS[name]!(port);
  const begun = performance.now();
  const process = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  for (;;) {
    if (process.exitCode !== null) throw new Error(`${name} ended`);
    try {
      await predict(port, '첫 번째 리뷰');
      return { name, port, process, loadSeconds: (performance.now() - begun) / 1000 };
    } catch {
      await delay(10);
    }
  }
}

async function stop({ process }: Server): Promise<void> {
  if (process.exitCode !== null) return;
  process.kill('SIGTERM');
  await once(process, 'exit');
}

const servers: Server[] = [];
const results: (Load & { server: string; clients: number; round: number })[] = [];
try {
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} threads; ${values.model}, ${values.size}`,
  );
  for (const [i, name] of values.servers.split(',').entries()) {
    const server = await start(name, 18_500 + i);
    servers.push(server);
    console.log(`${name.padEnd(16)} first answer after ${server.loadSeconds.toFixed(2)} s`);
  }
  const seconds = Number(values.seconds);
  for (const { port } of servers) await load(port, 8, Math.min(2, seconds)); // warms up
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const clients of values.clients.split(',').map(Number)) {
      for (const { name, port } of servers) {
        results.push({ server: name, clients, round, ...(await load(port, clients, seconds)) });
      }
    }
  }
} finally {
  await Promise.all(servers.map(stop));
  await rm(folder, { recursive: true, force: true });
}

console.log(
  'clients  server            requests/s   median ms    p95 ms    p99 ms   (medians of rounds)',
);
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
for (const clients of values.clients.split(',').map(Number)) {
  for (const { name } of servers) {
    const own = results.filter((row) => row.server === name && row.clients === clients);
    const figure = (key: keyof Load) => median(own.map((row) => row[key])).toFixed(1);
    const columns = (['requestsPerSecond', 'median', 'p95', 'p99'] as const).map((key) =>
      figure(key).padStart(key === 'requestsPerSecond' ? 12 : 10),
    );
    console.log(`${String(clients).padStart(7)}  ${name.padEnd(16)} ${columns.join('')}`);
  }
}
await mkdir(join(here, 'results'), { recursive: true });
const file = join(here, 'results', `${new Date().toISOString().replace(/\W/g, '')}.json`);
const loaded = servers.map(({ name, loadSeconds }) => ({ name, loadSeconds }));
await writeFile(file, `${JSON.stringify({ values, loaded, results }, null, 2)}\n`);
console.log(`Written to ${file}`);
