import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../command.js';
import { scratchProject } from './scratch-project.js';

const { signal } = new AbortController();

describe('runCommand', () => {
  it('returns what the command prints', async () => {
    expect(await runCommand('sh', ['-c', 'echo one; echo two >&2'], { signal })).toBe('one\ntwo\n');
  });

  it('fails with what the command prints, and with its exit code', async () => {
    const failing = runCommand('sh', ['-c', 'echo no such wheel >&2; exit 7'], { signal });
    await expect(failing).rejects.toThrow(/failed \(7\)\.\n {2}no such wheel/);
  });

  it('names a program that is not there', async () => {
    const failing = runCommand('no-such-program', [], { signal });
    await expect(failing).rejects.toThrow('The program no-such-program is not there.');
  });

  it('ends the command with all its children when interrupted', async () => {
    const survived = join(scratchProject(), 'survived');
    const interruption = new AbortController();
    const running = runCommand('sh', ['-c', `(sleep 1; touch '${survived}') & wait`], {
      signal: interruption.signal,
    });
    interruption.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');
    // the pipes close only when the last process of the group has ended
    expect(existsSync(survived)).toBe(false);
  });
});
