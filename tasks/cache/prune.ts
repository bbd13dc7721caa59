import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { isNotFound, type MlflowClient } from 'mlflow-rest-ts';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { type CacheEntry, listEntries, totalBytes } from './entries.js';
import { type Use, usesFolder, usesOf, withCacheLock } from './uses.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const GB = 1e9;

/** What is to go. Both bounds may be given. */
export interface PruneBounds {
  /** Entries that no pipeline has used for so many days. */
  olderThanDays?: number | undefined;
  /** Those used longest ago, until the rest is no larger than so many GB (10^9 bytes). */
  maxSizeGb?: number | undefined;
}

/** Entries to remove, and those that would have to go too but are in use. */
export interface PrunePlan {
  remove: CacheEntry[];
  kept: { entry: CacheEntry; reason: string }[];
  /** Of the whole cache, before and after. */
  bytesBefore: number;
  bytesAfter: number;
}

/**
 * Decides what goes. What a pipeline uses that is running, or that stopped less than a day ago and
 * may be started again, is kept.
 *
 * @param mlflow to ask which pipelines are running
 */
export async function planPrune(
  volumeRoot: string,
  { olderThanDays, maxSizeGb }: PruneBounds,
  mlflow: MlflowClient,
): Promise<PrunePlan> {
  const entries = await listEntries(volumeRoot);
  const users = new RunningPipelines(mlflow);
  const kept: PrunePlan['kept'] = [];
  const remove = new Set<CacheEntry>();
  const consider = async (entry: CacheEntry) => {
    const reason = await users.reasonToKeep(entry.uses);
    if (reason === undefined) remove.add(entry);
    else kept.push({ entry, reason });
  };
  const age = ({ lastUsed }: CacheEntry) => Date.now() - lastUsed.getTime();
  const isOld = (entry: CacheEntry) =>
    (entry.isPartial && age(entry) > DAY_MS) ||
    (olderThanDays !== undefined && age(entry) > olderThanDays * DAY_MS);
  for (const entry of entries.filter(isOld)) await consider(entry);
  const left = () => totalBytes(entries.filter((entry) => !remove.has(entry)));
  if (maxSizeGb !== undefined) {
    for (const entry of entries.filter((each) => !isOld(each))) {
      if (left() <= maxSizeGb * GB) break;
      await consider(entry);
    }
  }
  return { remove: [...remove], kept, bytesBefore: totalBytes(entries), bytesAfter: left() };
}

/**
 * Removes what the plan says, but for entries that a pipeline has begun to use meanwhile. An entry
 * goes whole: it first loses its name.
 *
 * @returns the entries that were removed
 */
export async function prune(
  volumeRoot: string,
  { remove }: Pick<PrunePlan, 'remove'>,
  signal: AbortSignal,
): Promise<CacheEntry[]> {
  const removed: CacheEntry[] = [];
  for (const entry of remove) {
    const trash = `${entry.path}.${randomUUID()}.tmp`;
    const isGone = await withCacheLock(volumeRoot, signal, async () => {
      const [latest] = await usesOf(volumeRoot, entry);
      if (latest?.used_at !== entry.uses[0]?.used_at) return false;
      await rename(entry.path, trash).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rm(usesFolder(volumeRoot, entry), { recursive: true, force: true });
      return true;
    });
    if (!isGone) continue;
    await rm(trash, { recursive: true, force: true });
    removed.push(entry);
  }
  return removed;
}

/** After fetch: keeps the cache of the volume under `cache.max_size_gb`. */
export async function limitCache(
  { cache }: Pick<Config, 'cache'>,
  { volume, mlflow, logger, signal }: Pick<StageContext, 'volume' | 'mlflow' | 'logger' | 'signal'>,
): Promise<void> {
  const { max_size_gb: maxSizeGb } = cache;
  if (maxSizeGb === null) return;
  const plan = await planPrune(volume.root, { maxSizeGb }, mlflow);
  const removed = await prune(volume.root, plan, signal);
  if (removed.length > 0) {
    const names = removed.map(({ kind, name }) => `${name} (${kind})`).join(', ');
    logger.info(`Removed from the cache, to keep it under ${maxSizeGb} GB: ${names}`);
  }
  if (plan.bytesAfter > maxSizeGb * GB) {
    const size = (plan.bytesAfter / GB).toFixed(1);
    logger.warn(
      `The cache has ${size} GB, more than cache.max_size_gb ${maxSizeGb}: running pipelines use all of it.`,
    );
  }
}

/** What MLflow says of the runs that use an entry, each asked for once. */
class RunningPipelines {
  readonly #states = new Map<string, Promise<'running' | 'stopped' | 'ended'>>();

  constructor(private readonly mlflow: MlflowClient) {}

  async reasonToKeep(uses: readonly Use[]): Promise<string | undefined> {
    for (const use of uses) {
      const state = await this.#stateOf(use.run_id);
      if (state === 'running') return `pipeline ${use.pipeline_id} is running`;
      const age = Date.now() - Date.parse(use.used_at);
      if (state === 'stopped' && age < DAY_MS) {
        return `pipeline ${use.pipeline_id} stopped less than a day ago and may go on`;
      }
    }
    return undefined;
  }

  #stateOf(runId: string) {
    const known = this.#states.get(runId) ?? this.#ask(runId);
    this.#states.set(runId, known);
    return known;
  }

  async #ask(runId: string): Promise<'running' | 'stopped' | 'ended'> {
    try {
      const { info } = await this.mlflow.runs.get({ runId });
      if (info.lifecycleStage === 'deleted' || info.status === 'FINISHED') return 'ended';
      return info.status === 'FAILED' || info.status === 'KILLED' ? 'stopped' : 'running';
    } catch (error) {
      if (isNotFound(error)) return 'ended';
      throw error;
    }
  }
}
