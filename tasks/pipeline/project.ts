import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project folder: the nearest one above this file that holds the configuration schema. */
export const projectRoot = findUp(
  dirname(fileURLToPath(import.meta.url)),
  'configs/config.schema.json',
);

function findUp(folder: string, path: string): string {
  if (existsSync(join(folder, path))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`${path} is not above ${fileURLToPath(import.meta.url)}.`);
  return findUp(parent, path);
}
