import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../setup/command.js';
import { installPythonEnvironment } from '../../setup/folder.js';
import { checkMachine } from '../../setup/parts/machine.js';
import { installUv, removeUvCache } from '../../setup/parts/uv.js';
import { installed, root } from '../../setup/project.js';
import { knownKeys } from '../../tasks/pipeline/schema.js';

const VERSIONS = [
  ['3.3.2', join(root, 'setup/airflow.requirements.txt')],
  ['2.11.2', join(import.meta.dirname, 'airflow-2.11.2.requirements.txt')],
] as const;

/** The Python of an environment with this version of Airflow, which uv installs once. */
async function pythonOf(version: string, requirements: string): Promise<string> {
  const { signal } = new AbortController();
  const folder = join(installed, `airflow-${version}`);
  const uv = await installUv({ machine: checkMachine(), signal, done: () => undefined });
  const env = { ...uv.env, UV_PYTHON_DOWNLOADS: 'automatic' };
  await installPythonEnvironment(folder, readFileSync(requirements, 'utf8'), async (made) => {
    const venv = ['venv', '--relocatable', '--allow-existing', '--python', '3.11', made];
    await runCommand(uv.path, venv, { signal, env });
    const install = ['pip', 'install', '--python', join(made, 'bin/python'), '--no-deps'];
    install.push('--compile-bytecode', '-r', requirements);
    await runCommand(uv.path, install, { signal, env });
  });
  await removeUvCache();
  return join(folder, 'bin/python');
}

describe.each(VERSIONS)('the DAG under Airflow %s', (version, requirements) => {
  const home = mkdtempSync(join(tmpdir(), 'ml4-airflow-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('is parsed in under a second, and has the five stages and every key of the configuration', async () => {
    const python = await pythonOf(version, requirements);
    const script = join(import.meta.dirname, 'parse.py');
    const env = { ...process.env, AIRFLOW_HOME: home, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout } = await promisify(execFile)(python, [script], { env });
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    console.log(`Airflow ${version}: parsed in ${report.seconds.toFixed(2)} s`);
    expect(report).toMatchObject({
      version,
      tasks: ['fetch', 'train', 'eval', 'register', 'notify'],
      params: ['config', ...knownKeys.keys()].sort(),
      refused: [true, true, true],
      taken: true,
      arguments: ['--config', 'c.yaml', '--set', 'train.epochs=3'],
      archived: '값',
    });
    expect(report.seconds).toBeLessThan(1);
  });
});
