import { existsSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE_KINDS, type CacheKind, type EntryId, type Use, usesOf } from './uses.js';

/** A folder of the cache, with what is known of it. */
export interface CacheEntry extends EntryId {
  path: string;
  /** What it is to a person. */
  name: string;
  /** Of its files; those that it shares with other entries by hard links are counted here too. */
  bytes: number;
  /** Files by their inode, to count shared ones once. */
  files: Map<string, number>;
  lastUsed: Date;
  /** The latest first. */
  uses: Use[];
  /** What a stopped command left half-written. */
  isPartial: boolean;
}

/** All entries of a volume's cache, those used longest ago first. */
export async function listEntries(volumeRoot: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const kind of CACHE_KINDS) {
    for (const key of await keysOf(volumeRoot, kind)) {
      const entry = await describe(volumeRoot, kind, key);
      if (entry) entries.push(entry);
    }
  }
  return entries.sort((a, b) => a.lastUsed.getTime() - b.lastUsed.getTime());
}

/** Space on the disk: a file that several entries link to counts once. */
export function totalBytes(entries: readonly CacheEntry[]): number {
  const files = new Map(entries.flatMap((entry) => [...entry.files]));
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Repositories of the hub lie one folder deeper, in Python's layout. */
async function keysOf(volumeRoot: string, kind: CacheKind): Promise<string[]> {
  const folder = join(volumeRoot, 'cache', kind);
  const names = await foldersIn(folder);
  if (kind !== 'downloads') return names;
  const repositories = await foldersIn(join(folder, 'hub'));
  return [
    ...names.filter((name) => name !== 'hub'),
    ...repositories
      .filter((name) => /^(models|datasets)--/.test(name))
      .map((name) => join('hub', name)),
  ];
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Undefined where the folder has gone meanwhile. */
async function describe(
  volumeRoot: string,
  kind: CacheKind,
  key: string,
): Promise<CacheEntry | undefined> {
  const path = join(volumeRoot, 'cache', kind, key);
  const uses = await usesOf(volumeRoot, { kind, key });
  const folder = await lstat(path).catch(() => undefined);
  if (!folder || !existsSync(path)) return undefined;
  const files = await filesIn(path);
  const isPartial = key.endsWith('.tmp');
  return {
    kind,
    key,
    path,
    name: isPartial ? 'left by a stopped command' : (uses[0]?.name ?? key),
    bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0),
    files,
    lastUsed: uses[0] ? new Date(uses[0].used_at) : folder.mtime,
    uses,
    isPartial,
  };
}

async function filesIn(folder: string): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined);
    if (found) files.set(`${found.dev}:${found.ino}`, found.size);
  }
  return files;
}
