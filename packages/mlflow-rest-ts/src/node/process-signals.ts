/** Signals by which a process is asked to end. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs work under a signal that SIGINT and SIGTERM abort. Once the work has ended, the process
 * gets the signal again and dies of it, unless the program has a listener of its own.
 */
export async function underProcessSignals<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const killed = new AbortController();
  let received: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    received = signal;
    killed.abort(new Error(`stopped by ${signal}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(AbortSignal.any(outer ? [outer, killed.signal] : [killed.signal]));
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
    if (received !== undefined && process.listenerCount(received) === 0) {
      process.kill(process.pid, received);
    }
  }
}
