import { Interrupted } from '../pipeline/errors.js';

/** After SIGTERM a container has 10 seconds. */
const GRACE_MS = 9_000;

/** Asks what runs to stop at the first signal; a second Ctrl-C, or too long a wait, ends at once. */
export function listenForSignals(consequence?: string): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const reason = new Interrupted(signal, consequence);
      if (controller.signal.aborted) process.exit(reason.exitCode);
      controller.abort(reason);
      setTimeout(() => process.exit(reason.exitCode), GRACE_MS).unref();
    });
  }
  return controller.signal;
}
