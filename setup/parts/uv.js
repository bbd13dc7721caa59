// @ts-check
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { installPythonEnvironment } from '../folder.js';
import { installed, root } from '../project.js';

/**
 * @typedef {object} Uv
 * @property {string} path
 * @property {NodeJS.ProcessEnv} env environment to run it in
 */

/** Ours while we install, so that nothing is left in the user's home. */
const cache = join(installed, 'uv-cache');

/**
 * The user's own uv with the user's own configuration, or else one that pip puts into the project,
 * which then asks the package index that pip is configured for.
 *
 * @param {{ machine: import('./machine.js').Machine, signal: AbortSignal, done: () => void }} options
 * @returns {Promise<Uv>}
 */
export async function installUv({ machine, signal, done }) {
  const env = {
    UV_CACHE_DIR: cache,
    UV_COMPILE_BYTECODE_TIMEOUT: '0', // a file is given 60 s, which a busy machine may pass
    ...process.env,
    UV_PYTHON_DOWNLOADS: 'never',
  };
  if (machine.uv) return { path: machine.uv, env };

  const folder = join(installed, 'uv');
  const requirements = join(root, 'setup/uv.requirements.txt');
  const key = readFileSync(requirements, 'utf8');
  const made = await installPythonEnvironment(folder, key, async (temporary) => {
    await runCommand(machine.python, ['-m', 'venv', temporary], { signal });
    const pip = ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:'];
    await runCommand(join(temporary, 'bin/python'), [...pip, '-r', requirements], { signal });
  });
  if (made) done();
  const pipConfig = await runCommand(join(folder, 'bin/python'), ['-m', 'pip', 'config', 'list'], {
    signal,
  });
  return { path: join(folder, 'bin/uv'), env: { ...asUvSettings(pipConfig), ...env } };
}

/** Removes what uv kept for a repetition of an interrupted set-up. */
export async function removeUvCache() {
  await rm(cache, { recursive: true, force: true });
}

/**
 * @param {string} pipConfig as `pip config list` prints it: `global.index-url='https://…'`
 * @returns {NodeJS.ProcessEnv} the same for uv. All files are pinned by hash, so any index may serve them.
 */
export function asUvSettings(pipConfig) {
  /** @type {NodeJS.ProcessEnv} */
  const settings = { UV_INDEX_STRATEGY: 'unsafe-best-match' };
  for (const [, key = '', value = ''] of pipConfig.matchAll(/^[^=]*\.([a-z-]+)='(.*)'$/gm)) {
    const values = value.split(/(?:\\n|\s)+/).filter(Boolean);
    if (key === 'index-url') settings.UV_DEFAULT_INDEX = value;
    if (key === 'extra-index-url') settings.UV_INDEX = values.join(' ');
    if (key === 'find-links') settings.UV_FIND_LINKS = values.join(',');
    if (key === 'trusted-host') settings.UV_INSECURE_HOST = values.join(' ');
    if (key === 'cert') settings.SSL_CERT_FILE = value;
  }
  return settings;
}
