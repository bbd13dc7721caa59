import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.js';
import type { StateDict } from '../checkpoint/state-dict.js';

/** One evaluation on the dev split, with the training loss since the one before. */
export interface Evaluation {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly devLoss: number;
  readonly devAccuracy: number;
}

/** Where a training stands, beside the weights and AdamW's moments. */
export interface Progress {
  /** What the training is of: a checkpoint of another one is not taken up. */
  readonly fingerprint: string;
  /** Optimizer steps done. */
  readonly step: number;
  /** Sum of the loss over the steps since the last evaluation. */
  readonly lossSinceEvaluation: number;
  readonly stepsSinceEvaluation: number;
  readonly history: readonly Evaluation[];
  readonly seconds: number;
}

const NAME = /^checkpoint-(\d+)$/;

/**
 * Writes `<folder>/checkpoint-<step>`, whole or not at all, and removes those before it.
 */
export async function writeCheckpoint(
  folder: string,
  state: StateDict,
  progress: Progress,
): Promise<void> {
  const target = join(folder, `checkpoint-${progress.step}`);
  const temporary = join(folder, `.checkpoint-${process.pid}`);
  const older = await listCheckpoints(folder);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await writeSafetensors(join(temporary, 'state.safetensors'), state);
  await writeFile(join(temporary, 'progress.json'), JSON.stringify(progress));
  await rm(target, { recursive: true, force: true });
  await rename(temporary, target);
  for (const name of older) {
    if (join(folder, name) !== target)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The newest checkpoint in a folder that belongs to this training; undefined where there is none. */
export async function readCheckpoint(
  folder: string,
  fingerprint: string,
): Promise<{ state: StateDict; progress: Progress } | undefined> {
  for (const name of await listCheckpoints(folder)) {
    const text = await readFile(join(folder, name, 'progress.json'), 'utf8');
    const progress = JSON.parse(text) as Progress;
    if (progress.fingerprint !== fingerprint) continue;
    return { state: await readSafetensors(join(folder, name, 'state.safetensors')), progress };
  }
  return undefined;
}

/** Names of the checkpoints in a folder, the newest first. */
async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const step = (name: string) => Number(NAME.exec(name)?.[1]);
  return names.filter((name) => NAME.test(name)).sort((a, b) => step(b) - step(a));
}
