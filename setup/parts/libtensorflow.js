// @ts-check
import { readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { folderSize, installFolder } from '../folder.js';
import { installed, root } from '../project.js';

/** What the sources of the addon and of bert-tfjs's ops include. */
const headers = ['tensorflow/c', 'tensorflow/core/platform', 'tsl/platform', 'xla/tsl/c'];
headers.push('tensorflow/core/common_runtime/next_pluggable_device/c');

/**
 * libtensorflow, which Python's wheel holds beside the Python code: `lib/` and `include/` of it, and
 * for GPUs NVIDIA's libraries for CUDA 12 in `nvidia/`; the driver is the machine's own.
 * Always the wheel of CPython 3.11, whatever Python is here: the library does not depend on it.
 *
 * @param {{ variant: 'cpu' | 'gpu', uv: import('./uv.js').Uv, machine: import('./machine.js').Machine,
 *   signal: AbortSignal, done: (note: string) => void }} options
 */
export async function installLibtensorflow({ variant, uv, machine, signal, done }) {
  const folder = libtensorflowFolder(variant);
  const made = await installFolder(folder, libtensorflowKey(variant), async (temporary) => {
    const wheel = join(temporary, 'wheel');
    const args = ['pip', 'install', '--target', wheel, '--python', machine.python];
    args.push('--python-version', '3.11', '--python-platform', 'x86_64-manylinux_2_28');
    args.push('--no-deps', '--only-binary', ':all:', '--require-hashes');
    args.push('-r', requirementsOf(variant));
    await runCommand(uv.path, args, { signal, env: uv.env });

    await mkdir(join(temporary, 'lib'));
    for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      await rename(join(wheel, 'tensorflow', name), join(temporary, 'lib', name));
    }
    for (const path of headers) {
      const from = join(wheel, 'tensorflow/include', path);
      await cp(from, join(temporary, 'include', path), { recursive: true });
    }
    // Where TensorFlow's library looks for NVIDIA's; on the CPU there are none.
    await rename(join(wheel, 'nvidia'), join(temporary, 'nvidia')).catch((error) => {
      if (variant === 'gpu') throw error;
      return mkdir(join(temporary, 'nvidia'));
    });
    await rm(wheel, { recursive: true });
  });
  if (made) done(await folderSize(folder));
}

/** @param {'cpu' | 'gpu'} variant */
export function libtensorflowFolder(variant) {
  return join(installed, `libtensorflow-${variant}`);
}

/** @param {'cpu' | 'gpu'} variant */
export function libtensorflowKey(variant) {
  return readFileSync(requirementsOf(variant), 'utf8') + headers.join('\n');
}

/** @param {'cpu' | 'gpu'} variant */
function requirementsOf(variant) {
  return join(root, `setup/libtensorflow-${variant}.requirements.txt`);
}
