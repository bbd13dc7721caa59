import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import pc from 'picocolors';
import type { Config } from '../pipeline/config.js';
import { explainError } from '../pipeline/explain.js';
import { proxiedFetch } from '../pipeline/proxied-fetch.js';
import { openTracking, volumeRoot } from '../pipeline/run.js';
import { redact } from '../pipeline/secrets.js';
import { examineStack } from './doctor-stack.js';
import { type CommonOptions, configOf } from './options.js';

/** One line of the report. */
export interface Finding {
  name: string;
  state: 'ok' | 'missing' | 'note';
  detail: string;
}

/** `ml4 doctor`: exit code 2 where something is missing that every pipeline needs. */
export async function doctorCommand(options: CommonOptions & { json?: true }): Promise<void> {
  const findings = await examine(await configOf(options));
  const healthy = findings.every(({ state }) => state !== 'missing');
  if (options.json) process.stdout.write(`${JSON.stringify({ healthy, findings })}\n`);
  else process.stdout.write(`${findings.map(line).join('\n')}\n`);
  process.exitCode = healthy ? 0 : 2;
}

async function examine(config: Config): Promise<Finding[]> {
  const findings = await Promise.all([
    node(),
    program(
      'Python',
      ['python3', 'python'],
      /Python (.+)/,
      'npm start needs 3.10 or newer for MLflow',
    ),
    program(
      'C++ compiler',
      ['c++', 'g++', 'clang++'],
      /(.+)/,
      'npm start needs one for the engine',
    ),
    engine(),
    processor(),
    mlflow(config),
    disk(volumeRoot(config)),
    hub(),
    slack(config),
  ]);
  findings.push(...(await examineStack()));
  return findings.map((finding) => ({ ...finding, detail: redact(finding.detail) }));
}

const MARKS = { ok: pc.green('✔'), missing: pc.red('✖'), note: pc.yellow('–') };

function line({ name, state, detail }: Finding): string {
  return `${MARKS[state]} ${pc.bold(name.padEnd(13))} ${detail.replaceAll('\n', `\n${' '.repeat(16)}`)}`;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  const detail = enough
    ? process.versions.node
    : `${process.versions.node}; 20.19 or newer is needed`;
  return { name: 'Node', state: enough ? 'ok' : 'missing', detail };
}

async function program(
  name: string,
  candidates: string[],
  version: RegExp,
  purpose: string,
): Promise<Finding> {
  for (const candidate of candidates) {
    try {
      const { stdout } = await promisify(execFile)(candidate, ['--version']);
      return { name, state: 'ok', detail: version.exec(stdout)?.[1] ?? candidate };
    } catch {
      // the next candidate
    }
  }
  return { name, state: 'note', detail: `not found; ${purpose}` };
}

async function engine(): Promise<Finding> {
  const name = 'TensorFlow';
  try {
    const { hasFusedOps, loadEngine } = await import('bert-tfjs');
    const binding = loadEngine();
    const device = binding.isUsingGpuDevice() ? 'GPU' : 'CPU';
    const ops = hasFusedOps() ? ', with ops of its own' : '';
    return { name, state: 'ok', detail: `${binding.TF_Version} on ${device}${ops}` };
  } catch (error) {
    return { name, state: 'missing', detail: explainError(error).message };
  }
}

async function processor(): Promise<Finding> {
  const { hasBfloat16 } = await import('bert-tfjs');
  const bf16 = hasBfloat16() ? 'bf16' : 'no bf16: training takes about twice as long';
  return { name: 'Processor', state: 'ok', detail: `${availableParallelism()} cores, ${bf16}` };
}

async function mlflow(config: Config): Promise<Finding> {
  const name = 'MLflow';
  try {
    const client = await openTracking(config);
    const version = await client.serverVersion();
    return { name, state: 'ok', detail: `${version} at ${client.trackingUri}` };
  } catch (error) {
    return { name, state: 'missing', detail: explainError(error).message };
  }
}

const GIB = 2 ** 30;

async function disk(folder: string): Promise<Finding> {
  const name = 'Disk';
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / GIB;
    const detail = `${free.toFixed(1)} GiB free in ${folder}`;
    if (free >= 5) return { name, state: 'ok', detail };
    return { name, state: 'note', detail: `${detail}; a KcBERT run takes about 5` };
  } catch (error) {
    return { name, state: 'missing', detail: explainError(error).message };
  }
}

async function hub(): Promise<Finding> {
  const name = 'Hub';
  const address = process.env.HF_ENDPOINT || 'https://huggingface.co';
  try {
    const { status } = await proxiedFetch(address, {
      method: 'HEAD',
      signal: AbortSignal.timeout(5_000),
    });
    if (status < 500) return { name, state: 'ok', detail: `${address} answers` };
    return { name, state: 'note', detail: `${address} answers with ${status}` };
  } catch {
    return {
      name,
      state: 'note',
      detail: `${address} cannot be reached: use local files (dataset.path, model.path) or quickstart`,
    };
  }
}

function slack(config: Config): Finding {
  const { SLACK_WEBHOOK_URL, SLACK_WEBHOOK_TOKEN } = process.env;
  const name = 'Slack';
  if (!config.notify.slack) return { name, state: 'note', detail: 'off: notify.slack is false' };
  if (SLACK_WEBHOOK_URL || SLACK_WEBHOOK_TOKEN)
    return { name, state: 'ok', detail: 'a token is set' };
  return { name, state: 'note', detail: 'no token: set SLACK_WEBHOOK_URL or SLACK_WEBHOOK_TOKEN' };
}
