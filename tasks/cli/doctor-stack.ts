import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../pipeline/project.js';
import type { Finding } from './doctor.js';

const run = promisify(execFile);

/** Docker and the containers of docker-compose.yml; no pipeline on this machine itself needs them. */
export async function examineStack(): Promise<Finding[]> {
  const engine = await dockerEngine();
  if (engine.state !== 'ok') return [engine];
  return [engine, ...(await Promise.all([taskImage(), volumes(), airflow()]))];
}

async function dockerEngine(): Promise<Finding> {
  const name = 'Docker';
  try {
    const { stdout } = await run('docker', ['version', '--format', '{{.Server.Version}}']);
    const compose = (await composeVersion()) ?? 'no docker-compose: install 1.29 or newer';
    return { name, state: 'ok', detail: `${stdout.trim()}, ${compose}` };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'not found' : 'no engine answers this user';
    return { name, state: 'note', detail: `${reason}; only Airflow needs it (docs/airflow.md)` };
  }
}

async function composeVersion(): Promise<string | undefined> {
  for (const [program, ...args] of [['docker-compose'], ['docker', 'compose']] as const) {
    try {
      const { stdout } = await run(program, [...args, 'version', '--short']);
      return `compose ${stdout.trim()}`;
    } catch {
      // the other form
    }
  }
  return undefined;
}

async function taskImage(): Promise<Finding> {
  const name = 'Task image';
  const image = `${stack()}-task`;
  try {
    const format = '{{.Created}}';
    const { stdout } = await run('docker', ['image', 'inspect', image, '--format', format]);
    return {
      name,
      state: 'ok',
      detail: `${image}, built ${stdout.slice(0, 16).replace('T', ' ')}`,
    };
  } catch {
    const detail = `${image} is not built: \`docker-compose up --build -d\` does that`;
    return { name, state: 'note', detail };
  }
}

/** The DAG's containers see the folder that the volumes were made for. */
async function volumes(): Promise<Finding> {
  const name = 'Volumes';
  try {
    const names = ['mlruns', 'configs'].map((folder) => `${stack()}_${folder}`);
    const { stdout } = await run('docker', [
      ...['volume', 'inspect', ...names],
      ...['--format', '{{.Options.device}}'],
    ]);
    const folders = stdout.trim().split('\n');
    const own = [join(projectRoot, 'mlruns'), join(projectRoot, 'configs')];
    if (folders.join() === own.join()) return { name, state: 'ok', detail: folders.join(', ') };
    return {
      name,
      state: 'note',
      detail: `of another folder: ${folders.join(', ')}\nRun \`docker-compose down\` there, then \`docker volume rm ${names.join(' ')}\``,
    };
  } catch {
    return {
      name,
      state: 'note',
      detail: 'not made yet: `docker-compose up --build -d` does that',
    };
  }
}

async function airflow(): Promise<Finding> {
  const name = 'Airflow';
  const address = `http://127.0.0.1:${process.env.ML4_AIRFLOW_PORT || 8080}`;
  try {
    const response = await fetch(`${address}/api/v2/monitor/health`, {
      signal: AbortSignal.timeout(10_000),
    });
    const health = (await response.json()) as Record<
      string,
      { status?: string | null } | undefined
    >;
    const parts = ['metadatabase', 'scheduler', 'dag_processor'];
    const ill = parts.filter((part) => health[part]?.status !== 'healthy');
    if (ill.length === 0) return { name, state: 'ok', detail: `healthy at ${address}` };
    return {
      name,
      state: 'note',
      detail: `${ill.join(', ')} not healthy: \`docker-compose logs\` says why`,
    };
  } catch {
    const detail = `nothing answers at ${address}: \`docker-compose up --build -d\` starts it`;
    return { name, state: 'note', detail };
  }
}

function stack(): string {
  return process.env.ML4_STACK || 'ml4';
}
