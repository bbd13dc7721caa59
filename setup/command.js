// @ts-check
import { spawn } from 'node:child_process';
import { Problem } from './problem.js';
import { root } from './project.js';

/**
 * Runs a command without a terminal, in a process group of its own.
 * When `signal` aborts, the whole group is ended before the promise rejects with the reason.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ signal: AbortSignal, env?: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<string>} what it printed, stdout and stderr mixed
 * @throws {Problem} with the beginning and end of that when it fails
 */
export async function runCommand(command, args, { signal, env = process.env, cwd = root }) {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk).slice(-1_000_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  const end = () => killGroup(child.pid); // at once: whatever it was making is made again
  signal.addEventListener('abort', end);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('close', (code, killedBy) => resolve(code ?? killedBy));
      child.once('error', reject);
    });
    signal.throwIfAborted();
    if (code === 0) return output;
    throw new Problem(`\`${shown(command, args)}\` failed (${code}).\n${excerpt(output)}`);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    throw new Problem(`The program ${command} is not there.`, { exitCode: 2, cause: error });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** @param {number | undefined} pid leader of a process group */
function killGroup(pid) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function shown(command, args) {
  const text = [command, ...args].join(' ').replaceAll(`${root}/`, '');
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

/**
 * The beginning of `output`, where compilers and npm give the reason, and its end, where pip and uv do.
 *
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  const shown = lines.length > 20 ? [...lines.slice(0, 10), '…', ...lines.slice(-10)] : lines;
  return shown.map((line) => `  ${line}`).join('\n');
}
