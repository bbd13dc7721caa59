// @ts-check
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { root } from '../project.js';

/**
 * `tsc -b`, when a source is newer than what was compiled from it.
 *
 * @param {{ signal: AbortSignal, done: () => void }} options
 */
export async function buildTypescript({ signal, done }) {
  const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '-b'];
  const plan = await runCommand(process.execPath, [...tsc, '--dry'], { signal });
  if (!plan.includes('would')) return; // "A non-dry build would build project …"
  await runCommand(process.execPath, tsc, { signal });
  done();
}
