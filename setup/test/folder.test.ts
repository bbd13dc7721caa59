import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installFolder, installPythonEnvironment } from '../folder.js';
import { scratchProject } from './scratch-project.js';

const making = (text: string) => async (temporary: string) =>
  writeFileSync(join(temporary, 'part'), text);

describe('installFolder', () => {
  it('makes the folder once for a key, and again for another', async () => {
    const folder = join(scratchProject(), '.ml4/part');
    expect(await installFolder(folder, 'key 1', making('one'))).toBe(true);
    expect(await installFolder(folder, 'key 1', making('never'))).toBe(false);
    expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('one');
    expect(await installFolder(folder, 'key 2', making('two'))).toBe(true);
    expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('two');
  });

  it('keeps the old folder and leaves nothing else when making the new one fails', async () => {
    const parent = join(scratchProject(), '.ml4');
    const folder = join(parent, 'part');
    await installFolder(folder, 'key 1', making('one'));
    const failing = async (temporary: string) => {
      writeFileSync(join(temporary, 'part'), 'half');
      throw new Error('interrupted');
    };
    await expect(installFolder(folder, 'key 2', failing)).rejects.toThrow('interrupted');
    expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('one');
    expect(readdirSync(parent)).toEqual(['part']);
  });

  it('clears what a killed process has left', async () => {
    const parent = join(scratchProject(), '.ml4');
    mkdirSync(join(parent, 'part.123.tmp'));
    mkdirSync(join(parent, 'part.123.old'));
    mkdirSync(join(parent, 'partner'));
    await installFolder(join(parent, 'part'), 'key', making('one'));
    expect(readdirSync(parent).sort()).toEqual(['part', 'partner']);
  });

  it('makes a Python environment again whose Python has gone', async () => {
    const folder = join(scratchProject(), '.ml4/environment');
    const make = async (temporary: string) => {
      mkdirSync(join(temporary, 'bin'));
      writeFileSync(join(temporary, 'bin/python'), '');
    };
    expect(await installPythonEnvironment(folder, 'key', make)).toBe(true);
    expect(await installPythonEnvironment(folder, 'key', make)).toBe(false);
    rmSync(join(folder, 'bin/python'));
    expect(await installPythonEnvironment(folder, 'key', make)).toBe(true);
    expect(existsSync(join(folder, 'bin/python'))).toBe(true);
  });
});
