// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './project.js';

/**
 * Runs a Node program on this terminal and passes on the signal that interrupts us, so that the
 * program decides how it ends.
 *
 * @param {readonly string[]} args script and its arguments
 * @param {{ signal: AbortSignal, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code, as a shell counts: 128 + n when signal n ended it
 */
export async function runAttached(args, { signal, env = process.env }) {
  signal.throwIfAborted();
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  const pass = () => {
    // Ctrl-C reaches everything on the terminal by itself; twice would mean "at once".
    const { signal: name } = signal.reason;
    if (name === 'SIGTERM' || !process.stdin.isTTY) child.kill(name);
  };
  signal.addEventListener('abort', pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once('exit', (code, name) =>
        resolve(code ?? 128 + (name ? constants.signals[name] : 0)),
      );
      child.once('error', reject);
    });
  } finally {
    signal.removeEventListener('abort', pass);
  }
}
