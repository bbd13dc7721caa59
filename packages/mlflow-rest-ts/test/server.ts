import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real MLflow server: its address, and the folder of its artifacts. */
export interface Server {
  uri: string;
  artifacts: string;
  /** Leads a process group of its own. */
  pid: number;
}

/**
 * The server that all test files of one vitest run share; the first one starts it, and it goes
 * when vitest does. Tests keep apart by experiments and models of their own names.
 */
export async function sharedServer(): Promise<Server> {
  const folder = join(tmpdir(), `mlflow-of-vitest-${process.ppid}`);
  if (isFirst(folder)) launch(process.ppid, folder, [], {});
  return ready(folder);
}

/** A server of this test file alone, with more arguments and environment. */
export async function startServer(
  more: string[] = [],
  env: Record<string, string> = {},
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-of-test-'));
  launch(process.pid, folder, more, env);
  return ready(folder);
}

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `${what}-${process.pid}-${Date.now().toString(36)}-${count++}`;
}
let count = 0;

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function launch(watched: number, folder: string, more: string[], env: Record<string, string>) {
  const script = join(import.meta.dirname, 'server-process.mjs');
  spawn(process.execPath, [script, String(watched), folder, ...more], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...env },
  }).unref();
}

async function ready(folder: string): Promise<Server> {
  for (;;) {
    const state = readState(join(folder, 'ready.json'));
    if (state !== undefined && 'error' in state) throw new Error(state.error);
    if (state !== undefined) return state;
    await delay(100);
  }
}

function readState(file: string): Server | { error: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Server | { error: string };
  } catch {
    return undefined;
  }
}
