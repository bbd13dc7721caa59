// @ts-check
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { root } from '../project.js';

/**
 * `tsc -b`, which is quick when nothing has changed.
 *
 * @param {{ signal: AbortSignal, done: () => void }} options
 */
export async function buildTypescript({ signal, done }) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const emitted = await runCommand(process.execPath, [tsc, '-b', '--listEmittedFiles'], { signal });
  if (emitted.includes('TSFILE:')) done();
}
