// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Installs `folder` whole or not at all: `make` fills a folder beside it, which then takes its
 * place. An interrupted installation leaves the old one, and is done again.
 *
 * @param {string} folder
 * @param {string} key hash of everything that decides the contents; the same key: nothing is done
 * @param {(temporary: string) => Promise<void>} make
 * @returns {Promise<boolean>} whether it was made
 */
export async function installFolder(folder, key, make) {
  await removeLeftovers(folder);
  if (installedKey(folder) === key) return false;
  const temporary = `${folder}.${process.pid}.tmp`;
  const old = `${folder}.${process.pid}.old`;
  try {
    await mkdir(temporary, { recursive: true });
    await make(temporary);
    await writeFile(join(temporary, keyFile), key);
    await rename(folder, old).catch(ignoreMissing);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
  return true;
}

const keyFile = 'ml4-key';

/**
 * Like {@link installFolder} for a Python environment, which ends with the Python it was made from.
 *
 * @type {typeof installFolder}
 */
export async function installPythonEnvironment(folder, key, make) {
  if (!existsSync(join(folder, 'bin/python'))) await rm(folder, { recursive: true, force: true });
  return installFolder(folder, key, make);
}

/**
 * @param {string} folder
 * @returns {string | undefined} what {@link installFolder} made it from
 */
function installedKey(folder) {
  try {
    return readFileSync(join(folder, keyFile), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * What a killed process has left beside `folder`.
 * @param {string} folder
 */
async function removeLeftovers(folder) {
  for (const name of await readdir(dirname(folder)).catch(() => [])) {
    if (name.startsWith(`${basename(folder)}.`) && /\.\d+\.(tmp|old)$/.test(name)) {
      // retries: an orphan of that process may be writing still
      const path = join(dirname(folder), name);
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

/** @param {NodeJS.ErrnoException} error */
function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}

/**
 * @param {string} folder
 * @returns {Promise<string>} the size of its files, for people: `815 MB`
 */
export async function folderSize(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
  }
  return `${Math.ceil(bytes / 1e6)} MB`;
}
