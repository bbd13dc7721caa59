// @ts-check
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { root } from '../project.js';

const sources = join(root, 'app/browser');
const built = join(root, 'app/dist/browser/index.html');

/**
 * The browser side of the web page, bundled by Vite, when a source is newer than what was built.
 *
 * @param {{ signal: AbortSignal, done: () => void }} options
 */
export async function buildPage({ signal, done }) {
  if (changed(built) > newestSource()) return;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await runCommand(process.execPath, [vite, 'build', sources], { signal });
  done();
}

/** @returns {number} time of the youngest file that the page is made of */
function newestSource() {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const paths = files.map((file) => join(sources, file));
  return Math.max(...[...paths, join(root, 'package-lock.json')].map(changed));
}

/**
 * @param {string} path
 * @returns {number} milliseconds since 1970; 0 where there is no such file
 */
function changed(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
