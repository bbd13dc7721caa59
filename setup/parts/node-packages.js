// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { folderSize } from '../folder.js';
import { root } from '../project.js';

/**
 * `npm ci`, when node_modules does not hold what package-lock.json says.
 *
 * @param {{ signal: AbortSignal, done: (note: string) => void }} options
 */
export async function installNodePackages({ signal, done }) {
  if (nodePackagesAreCurrent()) return;
  const npm = process.env.npm_execpath; // set by `npm start`; `node setup/start.js` takes the PATH's
  const [command, ...args] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await runCommand(command, [...args, 'ci', '--include=dev'], { signal });
  done(await folderSize(join(root, 'node_modules')));
}

/**
 * npm's own record of what it installed is written last and goes first, so an interrupted `npm ci`
 * shows as missing. Optional packages are those of other platforms.
 */
export function nodePackagesAreCurrent(folder = root) {
  const wanted = packagesIn(join(folder, 'package-lock.json'));
  const found = packagesIn(join(folder, 'node_modules/.package-lock.json'));
  if (!found || !wanted) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    if (path === '') return true; // the project itself
    const there = found[path];
    if (!there) return optional || devOptional;
    return there.version === version && there.integrity === integrity;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} Package
 * @param {string} lockFile
 * @returns {Record<string, Package> | undefined}
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
