import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkMachine } from '../parts/machine.js';
import { installUv } from '../parts/uv.js';
import { node, scratchProject } from './scratch-project.js';

const files = {
  'tensorflow/libtensorflow_cc.so.2': 'the library',
  'tensorflow/libtensorflow_framework.so.2': 'its framework',
  'tensorflow/python/large.py': 'not needed',
  'tensorflow/include/tensorflow/c/c_api.h': 'header',
  'tensorflow/include/tensorflow/core/platform/ctstring.h': 'header',
  'tensorflow/include/tensorflow/core/common_runtime/next_pluggable_device/c/plugin_c_api.h':
    'header',
  'tensorflow/include/tsl/platform/ctstring.h': 'header',
  'tensorflow/include/xla/tsl/c/tsl_status.h': 'header',
  'tensorflow_cpu-2.21.0.dist-info/METADATA':
    'Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.21.0\n',
  'tensorflow_cpu-2.21.0.dist-info/WHEEL':
    'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_27_x86_64\n',
  'tensorflow_cpu-2.21.0.dist-info/RECORD': 'tensorflow_cpu-2.21.0.dist-info/RECORD,,\n',
};

const installing = `
  const { checkMachine } = await import('./setup/parts/machine.js');
  const { installLibtensorflow } = await import('./setup/parts/libtensorflow.js');
  const uv = { path: process.env.UV, env: process.env };
  const { signal } = new AbortController();
  const done = () => console.log('installed');
  const options = { variant: 'cpu', uv, machine: checkMachine(), signal, done };
  await installLibtensorflow(options).catch((error) => console.log(error.message));
`;

/** Installs from a wheel that holds `files`, where the requirements ask for one with the sum given. */
async function installFrom(folder: string, sum: (wheel: Buffer) => string): Promise<string> {
  const { signal } = new AbortController();
  const uv = await installUv({ machine: checkMachine(), signal, done: () => {} });
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels, { recursive: true });
  const wheel = join(wheels, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
  const zip =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n' +
    '  for name, text in json.loads(sys.argv[2]).items(): z.writestr(zipfile.ZipInfo(name), text)';
  execFileSync('python3', ['-c', zip, wheel, JSON.stringify(files)]);
  writeFileSync(
    join(folder, 'setup/libtensorflow-cpu.requirements.txt'),
    `tensorflow-cpu==2.21.0 --hash=sha256:${sum(readFileSync(wheel))}\n`,
  );
  const cache = join(folder, 'cache');
  const env = {
    ...uv.env,
    UV: uv.path,
    UV_CACHE_DIR: cache,
    UV_NO_INDEX: '1',
    UV_FIND_LINKS: wheels,
  };
  const { stdout } = await node(folder, ['--input-type=module', '-e', installing], env);
  return stdout;
}

describe('installLibtensorflow', () => {
  it('takes the library and the headers out of the wheel, once', async () => {
    const folder = scratchProject();
    const sha256 = (wheel: Buffer) => createHash('sha256').update(wheel).digest('hex');
    expect(await installFrom(folder, sha256)).toBe('installed\n');
    const library = join(folder, '.ml4/libtensorflow-cpu');
    expect(readdirSync(library).sort()).toEqual(['include', 'lib', 'ml4-key', 'nvidia']);
    expect(readFileSync(join(library, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('the library');
    expect(readFileSync(join(library, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe('header');
    expect(await installFrom(folder, sha256)).toBe('');
  });

  it('refuses a wheel of another checksum and leaves nothing', async () => {
    const folder = scratchProject();
    expect(await installFrom(folder, () => '0'.repeat(64))).toMatch(/hash/i);
    expect(readdirSync(join(folder, '.ml4'))).toEqual([]);
  });
});
