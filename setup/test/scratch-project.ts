import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The project that the tests belong to, with everything installed. */
export const project = join(import.meta.dirname, '../..');

/** A project folder with `setup/` and an empty `.ml4/`; it goes with the test. */
export function scratchProject(): string {
  // a space and Korean, since people have such folders
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ml4 설정 '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(project, 'setup'), join(folder, 'setup'), {
    recursive: true,
    filter: (path) => basename(path) !== 'test',
  });
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, '.ml4'));
  return folder;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `node` in a folder to its end. */
export function node(folder: string, args: string[], env = process.env): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A port of 127.0.0.1 where nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
