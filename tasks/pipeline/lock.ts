import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
/** A lock whose owner shows no sign of life for so long is taken over. */
const STALE_MS = 30_000;
const POLL_MS = 200;

/**
 * Runs `work` while no other process (on any machine that shares the folder) runs one under the
 * same lock file. The owner touches the file while it lives; a killed owner's lock is taken over
 * after half a minute. Two owners at once are thus unlikely but possible: what they guard must be
 * checked before use.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await create(path))) {
    signal.throwIfAborted();
    if (await isStale(path)) await takeAway(path);
    else await pause(POLL_MS);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Gone means taken over: nothing is left to keep alive.
    utimes(path, now, now).catch(() => clearInterval(heartbeat));
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
}

/** Of several that wait, one renames it. */
async function takeAway(path: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  await rename(path, away).catch(() => undefined);
  await rm(away, { force: true });
}
