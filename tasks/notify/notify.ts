import type { Config } from '../pipeline/config.js';
import { type Result, STAGES, type StageContext } from '../pipeline/context.js';
import { findManifest } from '../pipeline/manifest.js';
import { FAILED_STAGE_TAG, FAILURE_TAG, pageUrl, recordFailure } from '../pipeline/run.js';
import { redact } from '../pipeline/secrets.js';
import { headline, type Outcome, slackMessage } from './message.js';
import { postToSlack, webhookUrl } from './slack.js';

/** Tag of the run: the outcome that was posted, so that a retry does not post it again. */
const NOTIFIED_TAG = 'ml4.notified';

/**
 * Tells how the pipeline ended: on Slack, where a token is set, and in the log. Works after a stage
 * that failed, too, and then says which one.
 *
 * @throws InputError where Slack refuses the token.
 */
export async function notifyStage(config: Config, context: StageContext): Promise<Result> {
  const { mlflow, run, logger } = context;
  await recordOutsideFailure(context);
  const { tags } = (await mlflow.runs.get({ runId: run.runId })).data;
  const outcome = await outcomeOf(config, context, tags);
  const line = headline(outcome);
  logger.info(line);
  const url = config.notify.slack ? webhookUrl(process.env) : undefined;
  if (!url) {
    logger.info(
      config.notify.slack
        ? 'No message to Slack: neither SLACK_WEBHOOK_URL nor SLACK_WEBHOOK_TOKEN is set.'
        : 'No message to Slack: notify.slack is false.',
    );
    return { notified: false, headline: line };
  }
  if (tags[NOTIFIED_TAG] === line) {
    logger.info('This was posted to Slack before.');
  } else {
    await postToSlack(url, slackMessage(outcome));
    await mlflow.setTags(run.runId, { [NOTIFIED_TAG]: line });
    logger.info('Posted to Slack.');
  }
  return { notified: true, headline: line };
}

/** What only a scheduler knows: a stage that was killed, or never started, could not record it. */
async function recordOutsideFailure(context: StageContext): Promise<void> {
  const stage = STAGES.find((name) => name === process.env.ML4_FAILED_STAGE);
  if (!stage) return;
  const { tags } = (await context.mlflow.runs.get({ runId: context.run.runId })).data;
  if (tags[FAILED_STAGE_TAG] === undefined) {
    await recordFailure(context, stage, 'It was stopped, or could not be started.');
  }
}

async function outcomeOf(
  config: Config,
  context: StageContext,
  tags: Record<string, string>,
): Promise<Outcome> {
  const { run, pipelineId } = context;
  const stage = tags[FAILED_STAGE_TAG];
  const judged = await findManifest(context.volume, 'eval/metrics.json');
  const registered = await findManifest(context.volume, 'register/result.json');
  const version = registered?.model_version;
  return {
    pipelineId,
    dataset: config.dataset.name,
    model: config.model.name,
    failure: stage === undefined ? null : { stage, reason: redact(tags[FAILURE_TAG] ?? '') },
    judged: judged ?? null,
    registered: registered ?? null,
    links: {
      run: pageUrl(config, `experiments/${run.experimentId}/runs/${run.runId}`),
      version: version
        ? pageUrl(
            config,
            `models/${encodeURIComponent(config.model.registered_name)}/versions/${version}`,
          )
        : null,
      log: process.env.ML4_FAILED_LOG || null,
    },
  };
}
