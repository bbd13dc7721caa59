import { rm } from 'node:fs/promises';
import type { Config } from './config.js';
import { type Result, STAGES, type StageContext, type StageName } from './context.js';
import { GateNotPassed } from './errors.js';
import { explainError } from './explain.js';
import { isFinished } from './finished.js';
import { clearFailure, endRun, FAILED_STAGE_TAG, recordFailure } from './run.js';
import { redact } from './secrets.js';
import { loadStage } from './stages.js';

/**
 * Runs one stage and keeps the MLflow run's status true: FAILED or KILLED where the stage stops,
 * and, after notify, the last one, FINISHED or FAILED.
 *
 * @throws what the stage throws; the signal's reason where that was aborted.
 */
export async function runStage(
  name: StageName,
  config: Config,
  context: StageContext,
): Promise<Result> {
  context.signal.throwIfAborted();
  try {
    if (name !== 'notify') await clearFailure(context);
    const stage = await loadStage(name);
    const result = await stage(config, context);
    if (name === 'notify') await finish(context);
    return result;
  } catch (error) {
    if (error instanceof GateNotPassed) throw error;
    await recordStop(name, context, error);
    throw context.signal.aborted ? context.signal.reason : error;
  }
}

/**
 * The local runner: the five stages in order. Those that this pipeline has behind it already are
 * skipped; a model that does not pass the gate is reported by notify like one that does.
 *
 * @throws what a stage throws, after notify has said which one it was.
 */
export async function runPipeline(config: Config, context: StageContext): Promise<void> {
  for (const [index, name] of STAGES.entries()) {
    const title = `${index + 1}/${STAGES.length} ${name}`;
    if (await isFinished(name, config, context)) {
      context.logger.info(`${title} was done before`, { stage: name });
      continue;
    }
    context.logger.info(title, { stage: name });
    const start = performance.now();
    try {
      await runStage(name, config, context);
    } catch (error) {
      if (!(error instanceof GateNotPassed)) {
        if (name !== 'notify' && !context.signal.aborted) await notifyOfFailure(config, context);
        throw error;
      }
      context.logger.warn(error.message, { stage: name });
    }
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    context.logger.info(`${title} done in ${seconds} s`, { stage: name, seconds });
  }
}

async function finish({ mlflow, run, volume }: StageContext): Promise<void> {
  const { tags } = (await mlflow.runs.get({ runId: run.runId })).data;
  const failed = tags[FAILED_STAGE_TAG] !== undefined;
  await endRun({ mlflow, run }, failed ? 'FAILED' : 'FINISHED');
  if (!failed) await rm(volume.workDir(), { recursive: true, force: true });
}

/** Never throws: what stopped the stage is what the caller is to hear of. */
async function recordStop(name: StageName, context: StageContext, error: unknown): Promise<void> {
  try {
    if (context.signal.aborted) {
      await endRun(context, 'KILLED');
    } else {
      await recordFailure(context, name, redact(explainError(error).message));
      await endRun(context, 'FAILED');
    }
  } catch (second) {
    context.logger.warn(`The run's status is not recorded. ${explainError(second).message}`);
  }
}

async function notifyOfFailure(config: Config, context: StageContext): Promise<void> {
  try {
    await runStage('notify', config, context);
  } catch (error) {
    context.logger.warn(`Nobody was notified. ${explainError(error).message}`);
  }
}
