// @ts-check

/** Ctrl-C, `kill` or a closed terminal: the reason that an interrupted signal aborts with. */
export class Interruption extends Error {
  /** @param {'SIGINT' | 'SIGTERM' | 'SIGHUP'} name */
  constructor(name) {
    super(`Interrupted by ${name}.`);
    this.signal = name;
    this.exitCode = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[name];
  }
}

/**
 * Runs a command to its end and sets the exit code: the one that `main` returns, that of the
 * problem it throws, or 128 + the signal's number.
 *
 * @param {(signal: AbortSignal) => Promise<number>} main gets a signal that an {@link Interruption} aborts
 */
export async function runProgram(main) {
  const interruption = new AbortController();
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => interruption.abort(new Interruption(name)));
  }
  try {
    process.exitCode = await main(interruption.signal);
  } catch (error) {
    process.exitCode = report(interruption.signal.aborted ? interruption.signal.reason : error);
  }
  process.exit();
}

/**
 * @param {unknown} error
 * @returns {number} exit code
 */
function report(error) {
  const { message, stack, where, fix, exitCode } =
    /** @type {Error & { where?: string, fix?: string, exitCode?: number }} */ (error);
  if (error instanceof Interruption) {
    console.error(`${message} Nothing is broken: the same command goes on from here.`);
  } else if (exitCode === undefined) {
    console.error(stack); // a defect of ours
  } else {
    console.error(`✖ ${where === undefined ? '' : `${where}: `}${message}`);
    if (fix !== undefined) console.error(`  ${fix.replaceAll('\n', '\n  ')}`);
  }
  return exitCode ?? 1;
}
