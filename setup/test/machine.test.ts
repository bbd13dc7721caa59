import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node, scratchProject } from './scratch-project.js';

/** A folder to be the whole PATH. */
function programs(folder: string): string {
  const path = join(folder, 'bin');
  mkdirSync(path);
  return path;
}

function script(path: string, text: string) {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

describe('npm start on a machine that lacks something', () => {
  it('names everything missing with how to get it, exits with 2 and installs nothing', async () => {
    const folder = scratchProject();
    rmSync(join(folder, '.ml4'), { recursive: true });
    const { code, stderr } = await node(folder, ['setup/start.js'], { PATH: programs(folder) });
    expect(code).toBe(2);
    expect(stderr).toContain('Python 3.10 or newer: sudo apt-get install python3 python3-venv');
    expect(stderr).toContain('a C++ compiler (g++ or clang++): sudo apt-get install g++');
    expect(stderr).not.toContain('    at '); // no stack trace
    expect(existsSync(join(folder, '.ml4'))).toBe(false);
  });

  it('refuses a Python that is too old', async () => {
    const folder = scratchProject();
    const PATH = programs(folder);
    script(join(PATH, 'python3'), 'printf "/usr/bin/python3\\n3\\n9\\nTrue\\n"');
    script(join(PATH, 'g++'), 'exit 0');
    const { code, stderr } = await node(folder, ['setup/start.js'], { PATH });
    expect(code).toBe(2);
    expect(stderr).toContain('Python 3.10 or newer');
    expect(stderr).not.toContain('C++');
  });

  it('asks for venv where Debian has split it from Python, unless uv is there', async () => {
    const folder = scratchProject();
    const PATH = programs(folder);
    script(join(PATH, 'python3'), 'printf "/usr/bin/python3\\n3\\n11\\nFalse\\n"');
    const { code, stderr } = await node(folder, ['setup/start.js'], { PATH });
    expect(code).toBe(2);
    expect(stderr).toContain('sudo apt-get install python3-venv');

    script(join(PATH, 'uv'), 'exit 0');
    expect((await node(folder, ['setup/start.js'], { PATH })).stderr).not.toContain('python3-venv');
  });

  it('says so when Node itself is too old', async () => {
    const folder = scratchProject();
    const old = join(folder, 'old.mjs');
    writeFileSync(
      old,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } });`,
    );
    const { code, stderr } = await node(folder, ['--import', old, 'setup/start.js']);
    expect(code).toBe(2);
    expect(stderr).toContain('Node 20.19 or newer is needed; this is 20.18.3.');
  });

  it('says how much room the disk lacks', async () => {
    const folder = scratchProject();
    const full = join(folder, 'full.mjs');
    writeFileSync(
      full,
      `import fs from 'node:fs/promises';
       import { syncBuiltinESMExports } from 'node:module';
       fs.statfs = async () => ({ bavail: 1000, bsize: 1_000_000 });
       syncBuiltinESMExports();`,
    );
    const { code, stderr } = await node(folder, ['--import', full, 'setup/setup.js']);
    expect(code).toBe(2);
    expect(stderr).toContain(`needs 2850 MB of disk in ${folder}; 1000 MB are free`);
    expect(stderr).toContain('Free 1850 MB there');
  });
});
