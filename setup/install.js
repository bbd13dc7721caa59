// @ts-check
import { mkdirSync } from 'node:fs';
import { lockInstallation } from './lock.js';
import { installAddon } from './parts/addon.js';
import { announceDiskUse } from './parts/disk.js';
import { installLibtensorflow } from './parts/libtensorflow.js';
import { checkMachine } from './parts/machine.js';
import { installMlflow } from './parts/mlflow.js';
import { installNodePackages } from './parts/node-packages.js';
import { buildPage } from './parts/page.js';
import { buildTypescript } from './parts/typescript.js';
import { installUv, removeUvCache } from './parts/uv.js';
import { installed } from './project.js';
import { Steps } from './steps.js';

/**
 * @typedef {object} Job what is under way
 * @property {ReturnType<typeof beginParts>} parts a promise each
 * @property {Steps} steps
 * @property {AbortSignal} signal aborts when the user interrupts or any part fails
 */

/**
 * Brings everything up to date that ml4 needs, inside the project folder.
 *
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {'cpu' | 'gpu'} [options.variant] of libtensorflow
 * @param {(job: Job) => Promise<void>} [options.alongside] goes on while parts are being installed
 */
export async function install({ signal, variant = defaultVariant(), alongside }) {
  const machine = checkMachine();
  mkdirSync(installed, { recursive: true });
  const release = await lockInstallation(signal);
  try {
    await announceDiskUse(variant);
    const failure = new AbortController();
    const job = { steps: new Steps(), signal: AbortSignal.any([signal, failure.signal]) };
    const parts = beginParts({ machine, variant, ...job });
    const all = [...Object.values(parts), alongside?.({ parts, ...job })];
    try {
      await Promise.all(all);
      job.steps.close('Set-up');
    } catch (error) {
      failure.abort(error);
      await Promise.allSettled(all);
      job.steps.close();
      throw error;
    }
  } finally {
    release();
  }
}

/** @returns {'cpu' | 'gpu'} */
function defaultVariant() {
  return process.env.ML4_GPU === '1' ? 'gpu' : 'cpu';
}

/**
 * Begins to install all parts, each as soon as what it needs is there.
 *
 * @param {{ machine: import('./parts/machine.js').Machine, variant: 'cpu' | 'gpu', steps: Steps,
 *   signal: AbortSignal }} options
 */
function beginParts({ machine, variant, steps, signal }) {
  const nodePackages = steps.step('node packages', (done) => installNodePackages({ signal, done }));
  const typescript = nodePackages.then(() =>
    steps.step('TypeScript, compiled', (done) => buildTypescript({ signal, done })),
  );
  const page = nodePackages.then(() =>
    steps.step('web page, bundled', (done) => buildPage({ signal, done })),
  );
  const uv = steps.step('uv', (done) => installUv({ machine, signal, done }));
  const libtensorflow = uv.then((uv) =>
    steps.step(`libtensorflow 2.21 (${variant.toUpperCase()})`, (done) =>
      installLibtensorflow({ variant, uv, machine, signal, done }),
    ),
  );
  const addon = Promise.all([nodePackages, libtensorflow]).then(() =>
    steps.step('tfjs addon, compiled', (done) => installAddon({ variant, machine, signal, done })),
  );
  const mlflow = uv.then((uv) =>
    steps.step('MLflow 3.17', (done) => installMlflow({ uv, machine, signal, done })),
  );
  const tidy = Promise.all([libtensorflow, mlflow]).then(removeUvCache);
  return { nodePackages, typescript, page, libtensorflow, addon, mlflow, tidy };
}
