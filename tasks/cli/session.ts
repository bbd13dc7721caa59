import { randomBytes } from 'node:crypto';
import { type Config, configHash } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { InputError } from '../pipeline/errors.js';
import { openRun, volumeRoot } from '../pipeline/run.js';
import { UnfinishedPipeline } from '../pipeline/unfinished.js';
import { openDisplay, terminalPrompts } from './display.js';
import { configOf, isDebug, type PipelineOptions } from './options.js';
import { listenForSignals } from './signals.js';

/** What a command that belongs to a pipeline works with. */
export interface Session {
  config: Config;
  context: StageContext;
  /** The pipeline has come to its end: the same command starts a new one. */
  end(): Promise<void>;
}

/** Checks the configuration, finds or makes the pipeline and its MLflow run. */
export async function openSession(options: PipelineOptions): Promise<Session> {
  const config = await configOf(options);
  if (options.stage) config.register.stage = options.stage;
  const { logger, progress } = openDisplay({ debug: isDebug(options) });
  const signal = listenForSignals();
  const named =
    options.pipeline ?? (process.env.ML4_PIPELINE_ID || process.env.AIRFLOW_CTX_DAG_RUN_ID);
  const unfinished = new UnfinishedPipeline(volumeRoot(config), configHash(config));
  const found = named || options.fresh ? undefined : await unfinished.find();
  const pipelineId = checkId(named ?? found ?? newId(config));
  if (found) {
    logger.info(
      `Going on with pipeline ${found}, which was not finished (--fresh starts a new one).`,
    );
  }
  const opened = await openRun(config, pipelineId);
  if (!named) await unfinished.claim(pipelineId);
  const decided = options.yes === true || options.stage !== undefined;
  const prompts = decided ? undefined : terminalPrompts(signal);
  const context: StageContext = {
    ...opened,
    logger,
    progress,
    signal,
    ...(prompts && { prompts }),
  };
  return {
    config,
    context,
    async end() {
      if (!named) await unfinished.forget();
    },
  };
}

/** `quickstart-20260131-174502-3f2a`: data set, local time, and something to tell two apart. */
function newId(config: Config): string {
  const name =
    config.dataset.name
      .split('/')
      .at(-1)
      ?.replace(/[^\w.-]/g, '') || 'pipeline';
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return `${name}-${date}-${time}-${randomBytes(2).toString('hex')}`;
}

/** The id is a tag of the run, and MLflow's searches have no escapes for quotes. */
function checkId(id: string): string {
  if (/^[^'"`\p{Cc}]{1,250}$/u.test(id)) return id;
  throw new InputError('A pipeline id has 1 to 250 characters and no quotes.', {
    where: '--pipeline',
  });
}
