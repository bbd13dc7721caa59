// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../command.js';
import { installFolder } from '../folder.js';
import { installed, root } from '../project.js';
import { libtensorflowFolder, libtensorflowKey } from './libtensorflow.js';

const tfjs = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');
const nodeHeaders = join(root, 'node_modules/node-api-headers');

/**
 * tfjs-node's addon, compiled once from its own sources and put where tfjs looks for it:
 * `lib/napi-v8/tfjs_binding.node`, which finds libtensorflow in `deps/lib`.
 *
 * @param {{ variant: 'cpu' | 'gpu', machine: import('./machine.js').Machine, signal: AbortSignal,
 *   done: (note?: string) => void }} options
 */
export async function installAddon({ variant, machine, signal, done }) {
  const folder = join(installed, `addon-${variant}`);
  const library = libtensorflowFolder(variant);
  const made = await installFolder(folder, addonKey(variant), async (temporary) => {
    const args = [...flags, `-I${join(nodeHeaders, 'include')}`, `-I${join(library, 'include')}`];
    args.push(`-I${tfjs}`, ...sources.map((name) => join(tfjs, 'binding', name)));
    args.push('-o', join(temporary, 'tfjs_binding.node'), `-L${join(library, 'lib')}`);
    args.push('-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2');
    args.push('-Wl,-rpath,$ORIGIN/../../deps/lib');
    await runCommand(machine.compiler, args, { signal });
  });
  const placed = await place(join(folder, 'tfjs_binding.node'), join(library, 'lib'));
  if (made || placed) done();
}

const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'];
const flags = ['-O2', '-std=c++17', '-fPIC', '-shared', '-fno-exceptions', '-w'];
flags.push('-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=tfjs_binding');

/** @param {'cpu' | 'gpu'} variant */
function addonKey(variant) {
  const hash = createHash('sha256').update(flags.join(' ')).update(libtensorflowKey(variant));
  for (const name of readdirSync(join(tfjs, 'binding')).sort()) {
    hash.update(name).update(readFileSync(join(tfjs, 'binding', name)));
  }
  return hash.update(readFileSync(join(nodeHeaders, 'package.json'))).digest('hex');
}

/**
 * @param {string} addon
 * @param {string} library folder of libtensorflow
 * @returns {Promise<boolean>} whether anything had to change
 */
async function place(addon, library) {
  const addonPlace = join(tfjs, 'lib/napi-v8/tfjs_binding.node');
  const libraryPlace = join(tfjs, 'deps/lib');
  const target = relative(dirname(libraryPlace), library); // the project folder may move
  let changed = false;
  if (attempt(() => readlinkSync(libraryPlace)) !== target) {
    await mkdir(dirname(libraryPlace), { recursive: true });
    await rm(`${libraryPlace}.tmp`, { force: true });
    await symlink(target, `${libraryPlace}.tmp`);
    await rm(libraryPlace, { recursive: true, force: true }); // tfjs's own installer makes a folder
    await rename(`${libraryPlace}.tmp`, libraryPlace);
    changed = true;
  }
  if (!attempt(() => readFileSync(addonPlace))?.equals(readFileSync(addon))) {
    await mkdir(dirname(addonPlace), { recursive: true });
    await copyFile(addon, `${addonPlace}.tmp`);
    await rename(`${addonPlace}.tmp`, addonPlace);
    changed = true;
  }
  return changed;
}

/**
 * @template T
 * @param {() => T} read
 * @returns {T | undefined} undefined when it is not there
 */
function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
