import { rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StateDict } from '../checkpoint/state-dict.js';
import type { BertConfig } from '../config.js';
import type { Engine } from '../graph/engine.js';
import type { ComputeType } from '../graph/precision.js';
import { type EncodedDataset, padBatch } from './batches.js';
import { FrozenLayers, hiddenWidth } from './frozen-layers.js';
import {
  type HiddenBatch,
  HiddenStateFile,
  type HiddenStateShape,
  hiddenStateBytes,
} from './hidden-state-file.js';

/** How the output of the frozen layers is come by. */
export interface FrozenReport {
  /** Room that it takes on disk. */
  readonly bytes: number;
  /** Why it is not kept there, but computed anew at every epoch; absent where it is kept. */
  readonly notKept?: string;
}

export interface HiddenStatesInput {
  readonly config: BertConfig;
  readonly weights: StateDict;
  readonly datasets: readonly EncodedDataset[];
  /** Frozen ones, from the bottom. */
  readonly layers: number;
  readonly computeType: ComputeType;
  readonly folder: string;
  /** Names data and weights. */
  readonly fingerprint: string;
  /** Most that may be kept in `folder`. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onReport?: ((report: FrozenReport) => void) | undefined;
  readonly onProgress?: ((texts: number, total: number) => void) | undefined;
}

/** Batches that have their way through the frozen layers behind them. */
export interface HiddenStates {
  batch(dataset: EncodedDataset, indexes: readonly number[]): Promise<HiddenBatch>;
  close(): Promise<void>;
}

/**
 * Computes what the frozen layers give for the datasets, once, and keeps it on disk: every epoch, and
 * every evaluation, reads it from there. Where there is no room it is computed batch by batch instead.
 */
export async function openHiddenStates(
  engine: Engine,
  input: HiddenStatesInput,
): Promise<HiddenStates> {
  const { config, weights, layers, computeType, datasets, folder } = input;
  const shape = {
    width: hiddenWidth(config, computeType),
    firstTokenOnly: layers === config.numHiddenLayers,
  };
  const bytes = datasets.reduce((sum, dataset) => sum + hiddenStateBytes(dataset, shape), 0);
  const frozen = await FrozenLayers.create(engine, config, weights, { layers, computeType });
  let notKept = await lackOfRoom(bytes, input);
  if (!notKept) {
    try {
      const files = await fillFiles(frozen, shape, input);
      input.onReport?.({ bytes });
      frozen.close();
      return fromFiles(files);
    } catch (error) {
      if (!isLackOfRoom(error)) {
        frozen.close();
        throw error;
      }
      notKept = `the disk is full (${(error as NodeJS.ErrnoException).code})`;
    }
  }
  await rm(folder, { recursive: true, force: true });
  input.onReport?.({ bytes, notKept });
  return computedAnew(frozen, shape, config);
}

async function lackOfRoom(
  bytes: number,
  { maxBytes, folder }: HiddenStatesInput,
): Promise<string | undefined> {
  if (bytes > maxBytes) return `more than the ${gigabytes(maxBytes)} allowed`;
  const { bavail, bsize } = await statfs(dirname(folder));
  const free = bavail * bsize;
  return bytes > free ? `only ${gigabytes(free)} free` : undefined;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

const isLackOfRoom = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');

async function fillFiles(
  layers: FrozenLayers,
  shape: HiddenStateShape,
  { datasets, folder, fingerprint, config, signal, onProgress, ...input }: HiddenStatesInput,
): Promise<Map<EncodedDataset, HiddenStateFile>> {
  const total = datasets.reduce((sum, { labels }) => sum + labels.length, 0);
  const key = `${fingerprint} ${input.layers} ${input.computeType}`;
  const files = new Map<EncodedDataset, HiddenStateFile>();
  let texts = 0;
  try {
    for (const [i, dataset] of datasets.entries()) {
      const file = await HiddenStateFile.fill(join(folder, String(i)), dataset, shape, {
        key,
        layers,
        padTokenId: config.padTokenId,
        signal,
        onProgress(more) {
          texts += more;
          onProgress?.(texts, total);
        },
      });
      files.set(dataset, file);
    }
    return files;
  } catch (error) {
    for (const file of files.values()) await file.close();
    throw error;
  }
}

const fromFiles = (files: ReadonlyMap<EncodedDataset, HiddenStateFile>): HiddenStates => ({
  batch: (dataset, indexes) => files.get(dataset)!.batch(indexes),
  async close() {
    for (const file of files.values()) await file.close();
  },
});

const computedAnew = (
  frozen: FrozenLayers,
  { width, firstTokenOnly }: HiddenStateShape,
  { padTokenId }: BertConfig,
): HiddenStates => ({
  async batch(dataset, indexes) {
    const batch = padBatch(dataset, indexes, padTokenId);
    const { labels, length, lengths } = batch;
    const hiddenStates = frozen.hiddenStates(batch);
    if (!firstTokenOnly) return { hiddenStates, width, length, lengths, labels };
    return { hiddenStates, width, length: 1, lengths: lengths.map(() => 1), labels };
  },
  async close() {
    frozen.close();
  },
});
