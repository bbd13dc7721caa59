import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Makes a file that appears whole or not at all: `fill` writes to one of another name in the same
 * folder, which is then flushed to the disk and given its name. Missing folders are made.
 */
export async function writeAtomically<T>(
  path: string,
  fill: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx');
    let result: T;
    try {
      result = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
