import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../pipeline/project.js';

export const bin = join(projectRoot, 'tasks', 'bin', 'ml4.js');

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Called with all of stderr so far, at each new piece. */
  onStderr?: (stderr: string, child: ChildProcess) => void;
}

/** Runs the built program as a shell would, without a terminal. */
export function ml4(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [bin, ...args], options);
}

/** Runs a program to its end. Variables that would change what ml4 does are not passed on. */
export function run(
  command: string,
  args: readonly string[],
  { env = {}, onStderr }: RunOptions = {},
): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(ML4_|MLFLOW_|SLACK_|AIRFLOW_|HF_)/.test(name),
  );
  const child = spawn(command, args, {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
