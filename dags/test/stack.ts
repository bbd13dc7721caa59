import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, project } from '../../setup/test/scratch-project.js';
import { type CompanyNetwork, HUB, SLACK } from './company-network.js';

const run = promisify(execFile);
const BUFFER = { maxBuffer: 1 << 28 };

export const TOKEN = 'T0TESTTEST/B0TESTTEST/abcdefghijklmnopqrstuvwx';

const OWNER = 1234;

/** The containers of docker-compose.yml, made from a clean clone, on ports and names of their own. */
export class Stack {
  readonly name = `ml4test${process.pid}`;
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'ml4-stack-'));
  readonly slack = new Receiver();
  readonly env: NodeJS.ProcessEnv = { ...process.env, PWD: this.folder };
  airflow = '';
  mlflow = '';
  app = '';
  #token = '';

  async up(): Promise<void> {
    execFileSync('git', ['clone', '-q', project, this.folder]);
    // As root, it becomes the checkout of somebody else, who is nobody in the images either.
    const data = ['mlruns', 'configs'].map((name) => join(this.folder, name));
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER}:${OWNER}`, ...data]);
    const [airflow, mlflow] = [await freePort(), await freePort()];
    this.airflow = `http://127.0.0.1:${airflow}`;
    this.mlflow = `http://127.0.0.1:${mlflow}`;
    const app = await freePort();
    this.app = `http://127.0.0.1:${app}`;
    Object.assign(this.env, { ML4_STACK: this.name, COMPOSE_PROJECT_NAME: this.name });
    this.env.ML4_CONFIG = 'configs/quickstart.yaml';
    const ports = { AIRFLOW: airflow, MLFLOW: mlflow, APP: app };
    for (const [page, port] of Object.entries(ports)) {
      this.env[`ML4_${page}_PORT`] = String(port);
    }
    const slack = `http://${hostSeenFromContainers()}:${await this.slack.listen()}/services`;
    const secrets = `SLACK_WEBHOOK_TOKEN=${TOKEN}\nSLACK_WEBHOOK_BASE=${slack}\n`;
    writeFileSync(join(this.folder, '.env.local'), secrets);
    await this.compose('up', '--build', '-d');
    await this.ready();
  }

  /** docker-compose 1, or else the plug-in of Docker. */
  async compose(...args: string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.env, ...BUFFER };
    try {
      return (await run('docker-compose', args, options)).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return (await run('docker', ['compose', ...args], options)).stdout;
    }
  }

  /** Waits until every part says that it is healthy, and logs in. */
  async ready(): Promise<void> {
    await until('a healthy stack', 300, async () => {
      const health = (await json(`${this.airflow}/api/v2/monitor/health`)) as Health;
      const parts = [health.metadatabase, health.scheduler, health.dag_processor];
      return parts.every(({ status }) => status === 'healthy');
    });
    await until('MLflow', 120, async () => (await this.runs()) !== undefined);
    const login = { username: 'admin', password: 'admin' };
    const answer = await json(`${this.airflow}/auth/token`, { body: JSON.stringify(login) });
    this.#token = (answer as { access_token: string }).access_token;
    await until('the DAG', 120, async () => (await this.api('/dags/ml4_pipeline')).ok);
  }

  api(path: string, body?: object): Promise<Response> {
    return fetch(`${this.airflow}/api/v2${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Starts a DAG run of the quickstart with these params by REST; returns its id. */
  async trigger(params: Record<string, unknown> = {}): Promise<string> {
    const conf = { config: 'configs/quickstart.yaml', ...params };
    const response = await this.api('/dags/ml4_pipeline/dagRuns', { logical_date: null, conf });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return ((await response.json()) as { dag_run_id: string }).dag_run_id;
  }

  /** States of the run's tasks, and of the run itself as `run`. */
  async states(runId: string): Promise<Record<string, string | null>> {
    const path = `/dags/ml4_pipeline/dagRuns/${encodeURIComponent(runId)}`;
    const { state } = (await (await this.api(path)).json()) as { state: string };
    const answer = (await (await this.api(`${path}/taskInstances`)).json()) as {
      task_instances: { task_id: string; state: string | null }[];
    };
    const tasks = answer.task_instances.map(({ task_id, state }) => [task_id, state]);
    return { ...Object.fromEntries(tasks), run: state };
  }

  /** The states when all is over. */
  async ended(runId: string): Promise<Record<string, string | null>> {
    await until(`the end of ${runId}`, 600, async () => {
      const { run, notify } = await this.states(runId);
      return /success|failed/.test(run ?? '') && /success|failed/.test(notify ?? '');
    });
    return this.states(runId);
  }

  async log(runId: string, task: string, attempt = 1): Promise<string> {
    const path = `/dags/ml4_pipeline/dagRuns/${encodeURIComponent(runId)}/taskInstances/${task}/logs`;
    return (await this.api(`${path}/${attempt}`)).text();
  }

  /** Ids of the running containers of a stage. */
  async containers(runId: string, stage: string): Promise<string[]> {
    const labels = [`label=ml4.run=${runId}`, `label=ml4.stage=${stage}`];
    return lines(await docker('ps', '-q', ...labels.flatMap((label) => ['--filter', label])));
  }

  /** MLflow's runs, with tags by name. */
  async runs(): Promise<MlflowRun[]> {
    const { experiments = [] } = (await json(
      `${this.mlflow}/api/2.0/mlflow/experiments/search?max_results=100`,
    )) as { experiments?: { experiment_id: string }[] };
    const experiment_ids = experiments.map(({ experiment_id }) => experiment_id);
    const body = JSON.stringify({ experiment_ids, max_results: 1000 });
    const answer = await json(`${this.mlflow}/api/2.0/mlflow/runs/search`, { body });
    const { runs = [] } = answer as { runs?: RawRun[] };
    return runs.map(({ info, data }) => ({
      id: info.run_id,
      status: info.status,
      pipeline: data.tags?.find(({ key }) => key === 'ml4.pipeline_id')?.value,
    }));
  }

  /** The registered versions of a pipeline's run. */
  async versions(pipeline: string): Promise<string[]> {
    const run = (await this.runs()).find((candidate) => candidate.pipeline === pipeline);
    const answer = (await json(
      `${this.mlflow}/api/2.0/mlflow/model-versions/search?max_results=1000`,
    )) as { model_versions?: { version: string; run_id: string }[] };
    const all = answer.model_versions ?? [];
    return all.filter(({ run_id }) => run_id === run?.id).map(({ version }) => version);
  }

  /**
   * From now on all that leaves the stack goes through a company's proxy, whose authority the images
   * trust: the stages in which they get to trust it are built through the proxy as well. What builds
   * on these stages, minutes of it, stays: it gets the list of authorities alone.
   */
  async moveInto(network: CompanyNetwork): Promise<void> {
    writeFileSync(join(this.folder, 'certs', 'company.crt'), network.certificate);
    const proxy = `http://${hostSeenFromContainers()}:${await network.listen()}`;
    Object.assign(this.env, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, HF_ENDPOINT: HUB });
    const base = (image: string) => ({
      image: `${this.name}-${image}-base`,
      build: { target: 'base' },
    });
    const override = { services: { task: base('task'), init: base('airflow') } };
    const file = join(this.folder, 'base.json');
    writeFileSync(file, JSON.stringify(override));
    await this.compose('-f', 'docker-compose.yml', '-f', file, 'build', 'task', 'init');
    for (const image of ['task', 'airflow']) {
      const name = `${this.name}-${image}`;
      const bundle = '/etc/ssl/certs/ca-certificates.crt';
      const lines = [`FROM ${name}`, `COPY --from=${name}-base ${bundle} ${bundle}`];
      const build = run('docker', ['build', '-q', '-t', name, '-']);
      build.child.stdin?.end(lines.join('\n'));
      await build;
      await docker('rmi', `${name}-base`);
    }
    const secrets = `SLACK_WEBHOOK_TOKEN=${TOKEN}\nSLACK_WEBHOOK_BASE=${SLACK}/services\n`;
    writeFileSync(join(this.folder, '.env.local'), secrets);
  }

  async remove(): Promise<void> {
    const labelled = await docker('ps', '-aq', '--filter', `network=${this.name}`);
    if (labelled) await docker('rm', '-f', ...lines(labelled));
    await this.compose('down', '-v', '--remove-orphans', '--rmi', 'all').catch(() => undefined);
    this.slack.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A server in Slack's place. */
class Receiver {
  readonly messages: { path: string; body: string }[] = [];
  readonly #server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.messages.push({ path: request.url ?? '', body });
    response.end('ok');
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** The messages about a DAG run. */
  about(runId: string): string[] {
    return this.messages.filter(({ body }) => body.includes(runId)).map(({ body }) => body);
  }

  close(): void {
    this.#server.close();
  }
}

interface Health {
  metadatabase: { status: string };
  scheduler: { status: string };
  dag_processor: { status: string };
}

export interface MlflowRun {
  id: string;
  status: string;
  pipeline: string | undefined;
}

interface RawRun {
  info: { run_id: string; status: string };
  data: { tags?: { key: string; value: string }[] };
}

export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, BUFFER)).stdout.trim();
}

export function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

/** Asks again until it is so; a question that fails counts as no. */
export async function until(
  what: string,
  seconds: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for ${what}.`);
    await delay(500);
  }
}

async function json(url: string, init?: RequestInit): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, init && { method: 'POST', headers, ...init });
  if (!response.ok) throw new Error(`${response.status} from ${url}`);
  return response.json();
}

/** Containers reach this machine at any address of its own but the loopback's. */
function hostSeenFromContainers(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!outside) throw new Error('This machine has no IPv4 address but the loopback.');
  return outside.address;
}
