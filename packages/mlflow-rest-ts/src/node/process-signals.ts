/** Signals by which a process is asked to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The works that a signal aborts: all have one listener, so that Node sees no leak in many. */
const running = new Set<AbortController>();
let received: NodeJS.Signals | undefined;

/**
 * Runs work under a signal that SIGINT and SIGTERM abort. Once all such work has ended, the process
 * gets the signal again and dies of it, unless the program has a listener of its own.
 */
export async function underProcessSignals<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const killed = new AbortController();
  if (running.size === 0) for (const name of SIGNALS) process.on(name, abortAll);
  running.add(killed);
  try {
    return await work(AbortSignal.any(outer ? [outer, killed.signal] : [killed.signal]));
  } finally {
    running.delete(killed);
    if (running.size === 0) passOn();
  }
}

function abortAll(signal: NodeJS.Signals): void {
  received = signal;
  for (const killed of running) killed.abort(new Error(`stopped by ${signal}`));
}

function passOn(): void {
  for (const name of SIGNALS) process.off(name, abortAll);
  const signal = received;
  received = undefined;
  if (signal !== undefined && process.listenerCount(signal) === 0) {
    process.kill(process.pid, signal);
  }
}
