import { mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { datasetInfo, type ListFileEntry, listFiles, modelInfo } from '@huggingface/hub';
import type { StageContext } from '../../pipeline/context.js';
import { InputError } from '../../pipeline/errors.js';
import { writeFileAtomic } from '../../pipeline/files.js';
import { download, type RemoteFile } from './download.js';
import { HubUnreachable, unreachable } from './errors.js';
import { HubHttp } from './http.js';
import { describe, localInstead, type Repository } from './repository.js';
import { credentials, type HubSettings } from './settings.js';

/** Files downloaded at a time. */
const PARALLEL = 4;

/** Files of a repository on this machine. */
export interface Snapshot {
  /** Holds the files under their paths in the repository. */
  folder: string;
  commit: string;
  /** The selected paths. */
  files: string[];
}

/** Picks the files to download from all paths of a repository. @throws InputError */
export type Select = (paths: string[]) => string[];

type Context = Pick<StageContext, 'logger' | 'progress' | 'signal'>;

/**
 * Brings files of a repository to this machine, into a cache with the layout of Python's
 * `huggingface_hub`: `blobs/<checksum>`, `snapshots/<commit>/<path>` linked to them, `refs/<revision>`.
 * What either library has downloaded, the other finds. Files that are there are not asked for again;
 * where the hub is offline, or HF_HUB_OFFLINE is set, the last known commit is taken.
 *
 * @throws InputError where repository, revision or access is wrong, or offline what was never fetched.
 * @throws HubUnreachable
 */
export async function snapshot(
  repository: Repository,
  select: Select,
  settings: HubSettings,
  context: Context,
): Promise<Snapshot> {
  if (settings.offline) return cached(repository, select, settings);
  const http = new HubHttp(settings, context.signal);
  try {
    return await online(repository, select, settings, http, context);
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    const found = await cached(repository, select, settings).catch(() => undefined);
    if (!found) throw error;
    context.logger.warn(
      `${settings.endpoint} cannot be reached; going on with the ${describe(repository)} as downloaded before (commit ${found.commit}).`,
    );
    return found;
  } finally {
    await http.close();
  }
}

async function online(
  repository: Repository,
  select: Select,
  settings: HubSettings,
  http: HubHttp,
  context: Context,
): Promise<Snapshot> {
  const { commit, listing } = await list(repository, settings, http);
  const files = select([...listing.keys()]);
  const storage = storageFolder(repository, settings);
  const folder = join(storage, 'snapshots', commit);
  const remote = files.map((path) => listing.get(path)!);
  const isThere = await Promise.all(remote.map((file) => isLinked(folder, file)));
  const missing = remote.filter((_, index) => !isThere[index]);
  if (missing.length > 0) {
    const total = missing.reduce((sum, { size }) => sum + size, 0);
    const display = context.progress(`Downloading ${repository.name}`, megabytes(total));
    const received = new Map<string, number>();
    const start = performance.now();
    try {
      await inParallel(missing, async (file) => {
        const blob = join(storage, 'blobs', file.checksum.hex);
        const onProgress = (bytes: number) => {
          received.set(file.path, bytes);
          const done = [...received.values()].reduce((sum, each) => sum + each, 0);
          display.update(megabytes(done), 'MB');
        };
        const wanted = { repository, commit, file, target: blob, onProgress };
        await download(wanted, http, settings, context.signal);
        await link(blob, join(folder, file.path));
      });
    } finally {
      display.stop();
    }
    const seconds = (performance.now() - start) / 1000;
    context.logger.info(
      `Downloaded the ${describe(repository)}: ${missing.length} files, ${megabytes(total)} MB in ${seconds.toFixed(1)} s`,
    );
  }
  // Last: a revision that has a ref is whole.
  if (repository.revision !== commit) {
    await writeFileAtomic(join(storage, 'refs', repository.revision), commit);
  }
  return { folder, commit, files };
}

/** The last known state of a revision, from the cache alone. */
async function cached(
  repository: Repository,
  select: Select,
  settings: HubSettings,
): Promise<Snapshot> {
  const storage = storageFolder(repository, settings);
  const ref = join(storage, 'refs', repository.revision);
  const commit = (await readFile(ref, 'utf8').catch(() => repository.revision)).trim();
  const folder = join(storage, 'snapshots', commit);
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  if (entries.length === 0) {
    throw new InputError(
      `The ${describe(repository)} (revision ${repository.revision}) is not in the cache, and HF_HUB_OFFLINE is set.`,
      {
        where: settings.cache,
        fix: `Run once without HF_HUB_OFFLINE, or use ${localInstead(repository)}.`,
      },
    );
  }
  return { folder, commit, files: select(entries.map((path) => path.split(sep).join('/'))) };
}

/** The commit of a revision, and the files in it by path. */
async function list(
  repository: Repository,
  settings: HubSettings,
  http: HubHttp,
): Promise<{ commit: string; listing: Map<string, RemoteFile> }> {
  const { type, name, revision } = repository;
  const hub = { ...credentials(settings), fetch: http.for(repository) };
  try {
    const { sha: commit } =
      type === 'model'
        ? await modelInfo({ ...hub, name, revision, additionalFields: ['sha'] })
        : await datasetInfo({ ...hub, name, revision, additionalFields: ['sha'] });
    const listing = new Map<string, RemoteFile>();
    const entries = listFiles({ ...hub, repo: { type, name }, revision: commit, recursive: true });
    for await (const entry of entries) {
      const file = toRemoteFile(entry);
      if (file) listing.set(file.path, file);
    }
    return { commit, listing };
  } catch (error) {
    // Such as the log-in page of a network, in place of JSON.
    if (!(error instanceof SyntaxError)) throw error;
    const problem = 'what answers there is not a Hugging Face hub.';
    throw unreachable(settings.endpoint, problem, repository, error);
  }
}

/** Undefined for folders, and for names that would lead out of the cache. */
function toRemoteFile({ type, path, size, oid, lfs }: ListFileEntry): RemoteFile | undefined {
  const isOutside = /\\|^\/|^[a-z]:/i.test(path) || path.split('/').includes('..');
  if (type !== 'file' || isOutside) return undefined;
  if (lfs) return { path, size: lfs.size, checksum: { algorithm: 'sha256', hex: lfs.oid } };
  return oid === undefined
    ? undefined
    : { path, size, checksum: { algorithm: 'git-sha1', hex: oid } };
}

/** The folder of a repository in the cache, named as Python names it. */
export function storageFolder({ type, name }: Repository, { cache }: HubSettings): string {
  return join(cache, [`${type}s`, ...name.split('/')].join('--'));
}

async function isLinked(folder: string, { path, size }: RemoteFile): Promise<boolean> {
  const found = await stat(join(folder, path)).catch(() => undefined);
  return found?.size === size;
}

/** Relative, so that the cache can be moved. */
async function link(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await symlink(relative(dirname(path), blob), path).catch((error: NodeJS.ErrnoException) => {
    // Another process linked it meanwhile.
    if (error.code !== 'EEXIST') throw error;
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
