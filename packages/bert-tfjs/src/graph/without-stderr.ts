import { closeSync, openSync } from 'node:fs';

const STDERR = 2;

/**
 * Runs a synchronous function while the process's stderr goes nowhere, for native libraries that
 * write notices to it which no setting turns off. Where stderr cannot be reopened, it stays as it is.
 */
export function withoutStderr<T>(run: () => T): T {
  let saved: number;
  try {
    saved = openSync(`/proc/self/fd/${STDERR}`, 'a');
  } catch {
    return run();
  }
  replaceStderr('/dev/null');
  try {
    return run();
  } finally {
    replaceStderr(`/proc/self/fd/${saved}`);
    closeSync(saved);
  }
}

/** The lowest free descriptor is the one that `open` takes: after closing stderr's, that is stderr's. */
function replaceStderr(path: string): void {
  closeSync(STDERR);
  openSync(path, 'a');
}
