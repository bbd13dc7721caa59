// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from '../problem.js';

/**
 * @typedef {object} Machine
 * @property {string} python path of a Python 3.10 or newer
 * @property {string} compiler path of a C++ compiler
 * @property {string | undefined} uv path of the user's own uv
 */

/**
 * Looks for what the set-up cannot bring along.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Machine}
 * @throws {Problem} that names everything missing and how to get it
 */
export function checkMachine(env = process.env) {
  const missing = [];
  const unsupported = unsupportedSystem();
  if (unsupported) missing.push(unsupported);

  const uv = findProgram('uv', env);
  const python = findPython(env);
  if (!python) {
    missing.push('Python 3.10 or newer: sudo apt-get install python3 python3-venv');
  } else if (!python.hasVenv && !uv) {
    missing.push(
      `venv and pip of ${python.path}: sudo apt-get install python3-venv (or put uv on the PATH)`,
    );
  }
  const compiler = findProgram('g++', env) ?? findProgram('clang++', env);
  if (!compiler) missing.push('a C++ compiler (g++ or clang++): sudo apt-get install g++');

  if (!python || !compiler || missing.length > 0) {
    throw new Problem(`This machine lacks\n${missing.map((line) => `  - ${line}`).join('\n')}`, {
      fix: 'The commands are for Debian and Ubuntu; elsewhere the packages have similar names.',
      exitCode: 2,
    });
  }
  return { python: python.path, compiler, uv };
}

/** libtensorflow's wheels decide: Linux on x86-64 with glibc 2.27 (2018) or newer. */
function unsupportedSystem() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `Linux on x86-64: this is ${process.platform} on ${process.arch} (Docker or WSL 2 gives you one)`;
  }
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    process.report.getReport()
  );
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '0').split('.').map(Number);
  if (major > 2 || minor >= 27) return undefined;
  return `glibc 2.27 or newer: this system has ${header.glibcVersionRuntime ?? 'another C library (Alpine?)'}`;
}

/** @param {NodeJS.ProcessEnv} env */
function findPython(env) {
  const script =
    'import os, sys, importlib.util as i; ' +
    'print(os.path.realpath(sys.executable), *sys.version_info[:2], ' +
    'all(map(i.find_spec, ["venv", "ensurepip"])), sep="\\n")';
  for (const name of ['python3', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)]) {
    const program = findProgram(name, env);
    if (!program) continue;
    const { stdout } = spawnSync(program, ['-c', script], { encoding: 'utf8', env });
    const [path, major, minor, hasVenv] = (stdout ?? '').split('\n');
    if (path && Number(major) === 3 && Number(minor) >= 10) {
      return { path, hasVenv: hasVenv === 'True' };
    }
  }
  return undefined;
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} path
 */
function findProgram(name, env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder || '.', name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}
