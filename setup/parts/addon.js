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
const opSources = join(root, 'packages/bert-tfjs/native');

/**
 * tfjs-node's addon, compiled once from its own sources and put where tfjs looks for it:
 * `lib/napi-v8/tfjs_binding.node`, which finds libtensorflow in `deps/lib`. Beside it bert-tfjs's own
 * ops, for two generations of processors; where they cannot be compiled, it does without.
 *
 * @param {{ variant: 'cpu' | 'gpu', machine: import('./machine.js').Machine, signal: AbortSignal,
 *   done: (note?: string) => void }} options
 */
export async function installAddon({ variant, machine, signal, done }) {
  const folder = join(installed, `addon-${variant}`);
  const library = libtensorflowFolder(variant);
  /** @type {string | undefined} */
  let note;
  const made = await installFolder(folder, addonKey(variant), async (temporary) => {
    const link = [`-L${join(library, 'lib')}`, '-l:libtensorflow_cc.so.2'];
    link.push('-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib');
    const include = [`-I${join(nodeHeaders, 'include')}`, `-I${join(library, 'include')}`];
    /** @param {string[]} args @param {string[]} files @param {string} name */
    const compile = (args, files, name) =>
      runCommand(
        machine.compiler,
        [...flags, ...args, ...include, ...files, '-o', join(temporary, name), ...link],
        { signal },
      );
    const files = sources.map((name) => join(tfjs, 'binding', name));
    await compile([...addonFlags, `-I${tfjs}`], files, 'tfjs_binding.node');
    for (const [name, args] of opBuilds) {
      await compile([...opFlags, ...args], listOpSources(), name).catch(() => {
        signal.throwIfAborted();
        note = 'slower: without its own ops';
      });
    }
  });
  const placed = await place(folder, join(library, 'lib'));
  if (made || placed) done(note);
}

const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'];
const flags = ['-std=c++17', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'];
const addonFlags = ['-O2', '-fno-exceptions', '-DBUILDING_NODE_EXTENSION'];
addonFlags.push('-DNODE_GYP_MODULE_NAME=tfjs_binding');
// Sums may be reordered, so that loops vectorize; NaN and infinity stay what they are.
const opFlags = ['-O3', '-fno-math-errno', '-fno-trapping-math', '-fno-signed-zeros', '-pthread'];
opFlags.push('-fassociative-math', '-freciprocal-math');
/** @type {[string, string[]][]} */
const opBuilds = [
  ['bert_ops_v4.node', ['-march=x86-64-v4', '-mprefer-vector-width=512']],
  ['bert_ops_v3.node', ['-march=x86-64-v3']],
];

const listOpSources = () =>
  readdirSync(opSources)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(opSources, name));

/** @param {'cpu' | 'gpu'} variant */
function addonKey(variant) {
  const settings = JSON.stringify([flags, addonFlags, opFlags, opBuilds]);
  const hash = createHash('sha256').update(settings).update(libtensorflowKey(variant));
  for (const folder of [join(tfjs, 'binding'), opSources]) {
    for (const name of readdirSync(folder).sort()) {
      hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.update(readFileSync(join(nodeHeaders, 'package.json'))).digest('hex');
}

/**
 * @param {string} addons folder of what was compiled
 * @param {string} library folder of libtensorflow
 * @returns {Promise<boolean>} whether anything had to change
 */
async function place(addons, library) {
  const addonPlace = join(tfjs, 'lib/napi-v8');
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
  await mkdir(addonPlace, { recursive: true });
  for (const name of readdirSync(addons).filter((name) => name.endsWith('.node'))) {
    const from = join(addons, name);
    const to = join(addonPlace, name);
    if (attempt(() => readFileSync(to))?.equals(readFileSync(from))) continue;
    await copyFile(from, `${to}.tmp`);
    await rename(`${to}.tmp`, to);
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
