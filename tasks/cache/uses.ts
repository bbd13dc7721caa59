import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../pipeline/context.js';
import { writeFileAtomic } from '../pipeline/files.js';
import { withLock } from '../pipeline/lock.js';

/** What the cache keeps: downloads, converted splits, model folders, token ids, registered models. */
export const CACHE_KINDS = ['downloads', 'datasets', 'models', 'encoded', 'registered'] as const;
export type CacheKind = (typeof CACHE_KINDS)[number];

/** A folder of the cache, `<volume>/cache/<kind>/<key>`. */
export interface EntryId {
  kind: CacheKind;
  key: string;
}

/** A pipeline that has used an entry. */
export interface Use {
  pipeline_id: string;
  run_id: string;
  /** What the entry is to a person: `nsmc`, `beomi/kcbert-base`. */
  name: string;
  /** When it was last used, ISO 8601. */
  used_at: string;
}

/** What a pipeline notes its uses with. */
export type CacheUser = Pick<StageContext, 'volume' | 'run' | 'pipelineId' | 'signal'>;

/**
 * Notes that this pipeline uses an entry, which is then kept as long as the pipeline runs. To be
 * called before looking whether the entry is there.
 *
 * @param name of the entry, for people
 * @returns the entry's folder
 */
export async function useEntry(
  { kind, key }: EntryId,
  name: string,
  { volume, run, pipelineId, signal }: CacheUser,
): Promise<string> {
  const use: Use = {
    pipeline_id: pipelineId,
    run_id: run.runId,
    name,
    used_at: new Date().toISOString(),
  };
  const path = join(usesFolder(volume.root, { kind, key }), `${run.runId}.json`);
  await withCacheLock(volume.root, signal, () =>
    writeFileAtomic(path, `${JSON.stringify(use, null, 2)}\n`),
  );
  return volume.cacheDir(kind, key);
}

/** Between looking at who uses an entry and removing it, nobody begins to use it. */
export function withCacheLock<T>(
  volumeRoot: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  return withLock(join(volumeRoot, 'cache', 'uses.lock'), signal, work);
}

export function usesFolder(volumeRoot: string, { kind, key }: EntryId): string {
  return join(volumeRoot, 'cache', 'uses', kind, key);
}

/** Who has used an entry, the latest first. */
export async function usesOf(volumeRoot: string, entry: EntryId): Promise<Use[]> {
  const folder = usesFolder(volumeRoot, entry);
  const names = await readdir(folder).catch(() => []);
  const uses = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Use),
  );
  return uses.sort((a, b) => (a.used_at < b.used_at ? 1 : -1));
}
