import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
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
  /** Its standard input. @default none */
  stdin?: string | Buffer;
}

/** Runs the built program as a shell would, without a terminal. */
export function ml4(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [bin, ...args], options);
}

/** Runs a program to its end. Variables that would change what ml4 does are not passed on. */
export function run(
  command: string,
  args: readonly string[],
  { env = {}, onStderr, stdin }: RunOptions = {},
): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(ML4_|MLFLOW_|SLACK_|AIRFLOW_|HF_)/.test(name),
  );
  const child = spawn(command, args, {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(stdin);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs ml4 in a pseudo-terminal and types each answer when its question is on the screen. */
export function atTerminal(args: readonly string[], answers: [RegExp, string][]): Promise<string> {
  const line = [process.execPath, bin, ...args].map((arg) => `'${arg}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [...answers];
  let screen = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen += stripVTControlCharacters(text); // a long question is broken into lines
    const [question, answer] = waiting[0] ?? [];
    if (!question?.test(screen)) return;
    waiting.shift();
    child.stdin.write(answer);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(screen));
  });
}
