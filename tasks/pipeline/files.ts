import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file whole or not at all, also when the machine stops half-way; makes its folder. */
export function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  return fillFileAtomic(path, (file) => file.writeFile(data));
}

/** The same of a file that is written bit by bit: where `fill` fails nothing is left. */
export async function fillFileAtomic(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
