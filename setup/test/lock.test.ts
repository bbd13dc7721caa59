import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node, scratchProject } from './scratch-project.js';

/** A program that locks folders, says so, and goes on for a while if it is told to. */
function locking(folders: string[], afterwards = ''): string[] {
  const locks = folders.map((folder) => {
    const module = JSON.stringify(join(folder, 'setup/lock.js'));
    return `await (await import(${module})).lockInstallation(new AbortController().signal);`;
  });
  return ['--input-type=module', '-e', `${locks.join('\n')} console.log('locked'); ${afterwards}`];
}

describe('lockInstallation', () => {
  it('lets a second set-up of the folder wait until the first has ended, even by kill -9', async () => {
    const folder = scratchProject();
    const first = spawn(process.execPath, locking([folder], 'setInterval(() => {}, 1000);'));
    await once(first.stdout, 'data');

    const second = spawn(process.execPath, locking([folder]));
    const [waiting] = await once(second.stdout, 'data');
    expect(String(waiting)).toBe('Another set-up of this folder is running: waiting for it.\n');
    expect(second.exitCode).toBeNull();

    first.kill('SIGKILL');
    const [locked] = await once(second.stdout, 'data');
    expect(String(locked)).toBe('locked\n');
  });

  it('locks one folder only', async () => {
    const { stdout } = await node('/', locking([scratchProject(), scratchProject()]));
    expect(stdout).toBe('locked\n');
  });
});
