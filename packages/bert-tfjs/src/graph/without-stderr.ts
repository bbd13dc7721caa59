import { closeSync, fstatSync, openSync } from 'node:fs';

const STDERR = 2;

/**
 * Runs a synchronous function while the process's stderr goes nowhere, for native libraries that
 * write notices to it which no setting turns off. Only where stderr is a terminal or a pipe: a file
 * opened anew would have a position of its own, and a socket cannot be opened.
 */
export function withoutStderr<T>(run: () => T): T {
  const stat = fstatSync(STDERR);
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return run();
  const saved = openSync(`/proc/self/fd/${STDERR}`, 'a');
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
