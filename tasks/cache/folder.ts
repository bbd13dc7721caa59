import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256File } from '../pipeline/manifest.js';

/**
 * Makes a folder, unless it is there, that appears whole or not at all: `write` fills a temporary
 * one beside it. Where another process is quicker, its folder stays and ours is dropped.
 */
export async function publishFolder(
  folder: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return;
  const temporary = `${folder}.${randomUUID()}.tmp`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await mkdir(temporary);
    await write(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/**
 * One sum for a folder: the sha256 of what `sha256sum *` prints for its files, in order of name.
 * Folders within it are not looked at.
 */
export async function sha256Folder(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const hash = createHash('sha256');
  for (const name of names.sort())
    hash.update(`${await sha256File(join(folder, name))}  ${name}\n`);
  return hash.digest('hex');
}
