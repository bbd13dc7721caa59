// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { folderSize, installPythonEnvironment } from '../folder.js';
import { stopServer } from '../mlflow/server.js';
import { installed, root } from '../project.js';

/**
 * MLflow in a Python environment of its own, from the locked requirements.
 * Compiled bytecode lets the server start in half the time.
 *
 * @param {{ uv: import('./uv.js').Uv, machine: import('./machine.js').Machine, signal: AbortSignal,
 *   done: (note: string) => void }} options
 */
export async function installMlflow({ uv, machine, signal, done }) {
  const folder = join(installed, 'mlflow');
  const requirements = join(root, 'setup/mlflow.requirements.txt');
  const key = readFileSync(requirements, 'utf8');
  const made = await installPythonEnvironment(folder, key, async (temporary) => {
    const { env } = uv;
    const venv = ['venv', '--relocatable', '--allow-existing', '--python', machine.python];
    await runCommand(uv.path, [...venv, temporary], { signal, env });
    const install = ['pip', 'install', '--python', join(temporary, 'bin/python')];
    install.push('--require-hashes', '--only-binary', ':all:', '--compile-bytecode');
    await runCommand(uv.path, [...install, '-r', requirements], { signal, env });
    await stopServer(); // one that runs on the environment now replaced
  });
  if (made) done(await folderSize(folder));
}
