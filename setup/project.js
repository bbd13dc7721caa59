// @ts-check
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project folder: the one that holds `setup/`. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where everything is installed that npm does not install. Deleting it means: install again. */
export const installed = join(root, '.ml4');
