import { MultiBar } from 'cli-progress';
import pc from 'picocolors';
import type { Logger } from 'winston';
import type { Progress, Prompts } from '../pipeline/context.js';
import { createLogger } from '../pipeline/logging.js';

/** What the program shows while it works: log lines and progress, on stderr. */
export interface Display {
  readonly logger: Logger;
  readonly progress: (title: string, total: number) => Progress;
}

/** People's lines and a progress bar on a terminal; one JSON object a line anywhere else. */
export function openDisplay({ debug }: { debug: boolean }): Display {
  const level = debug ? 'debug' : 'info';
  if (process.stderr.isTTY) return terminalDisplay(level);
  const logger = createLogger({
    style: 'json',
    level,
    write: (line) => process.stderr.write(line),
  });
  return { logger, progress: (title, total) => loggedProgress(logger, title, total) };
}

function terminalDisplay(level: 'info' | 'debug'): Display {
  let bars: MultiBar | undefined;
  const write = (line: string) => {
    if (bars) bars.log(line);
    else process.stderr.write(line);
  };
  return {
    logger: createLogger({ style: 'text', level, write }),
    progress(title, total) {
      bars?.stop();
      const own = new MultiBar({
        format: `  ${pc.cyan('{bar}')} {percentage}%  {title}  {note}`,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        clearOnComplete: true,
        gracefulExit: false, // it would end the process at a signal; the program saves its work first
        stream: process.stderr,
      });
      bars = own;
      const bar = own.create(total, 0, { title, note: '' });
      return {
        update: (done, note = '') => bar.update(Math.min(done, total), { note }),
        stop() {
          own.stop();
          if (bars === own) bars = undefined;
        },
      };
    },
  };
}

const REPORT_MS = 10_000;

/** Where there is no terminal, a line every ten seconds. */
function loggedProgress(logger: Logger, title: string, total: number): Progress {
  let reported = performance.now();
  return {
    update(done, note) {
      const now = performance.now();
      if (now - reported < REPORT_MS) return;
      reported = now;
      logger.info(title, { done, total, ...(note === undefined ? {} : { note }) });
    },
    stop() {},
  };
}

/** Questions on the terminal; undefined where nobody can answer. */
export function terminalPrompts(signal: AbortSignal): Prompts | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const context = { output: process.stderr, signal }; // stdout is for the result alone
  return {
    async confirm(question) {
      const { confirm } = await import('@inquirer/prompts');
      return confirm({ message: question }, context);
    },
    async choose(question, options) {
      const { rawlist } = await import('@inquirer/prompts');
      return rawlist({ message: question, choices: [...options] }, context);
    },
  };
}
