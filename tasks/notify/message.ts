import type { IncomingWebhookSendArguments } from '@slack/webhook';
import type { EvalMetrics, RegisterResult } from '../pipeline/manifest.js';

/** How a pipeline ended. */
export interface Outcome {
  pipelineId: string;
  dataset: string;
  model: string;
  /** null: no stage failed. */
  failure: { stage: string; reason: string } | null;
  /** null: not judged. */
  judged: EvalMetrics | null;
  /** null: did not get that far. */
  registered: RegisterResult | null;
  /** `log`: of the stage that failed, where a scheduler keeps one. */
  links: { run: string; version: string | null; log: string | null };
}

/** One line that says it all, for the log and for Slack's notification. */
export function headline({ pipelineId, failure, judged, registered }: Outcome): string {
  if (failure) return `ml4 ${pipelineId}: ${failure.stage} failed`;
  const accuracy = judged ? `, accuracy ${percent(judged.metrics.accuracy)}` : '';
  if (registered?.model_version) {
    const { registered_name, model_version, stage } = registered;
    return `ml4 ${pipelineId}: registered ${registered_name} ${model_version} (${stage})${accuracy}`;
  }
  const reason = registered && !registered.passed ? ', gate not passed' : '';
  return `ml4 ${pipelineId}: not registered${reason}${accuracy}`;
}

/** The outcome as Block Kit: headline, figures beside the champion's, gate, links. */
export function slackMessage(outcome: Outcome): IncomingWebhookSendArguments {
  const { failure, registered, links, dataset, model } = outcome;
  const sections: string[] = [
    `*Data set* ${escapeMarkup(dataset)}   *Model* ${escapeMarkup(model)}`,
  ];
  if (failure)
    sections.push(`*${failure.stage} failed*\n${escapeMarkup(failure.reason.slice(0, 1000))}`);
  else sections.push(figures(outcome));
  if (registered)
    sections.push(`*Gate* ${registered.passed ? '✅' : '⛔'} ${escapeMarkup(registered.reason)}`);
  if (registered?.verdict) sections.push(against(registered));
  const pages = [`<${links.run}|Run>`];
  if (links.version) pages.push(`<${links.version}|Model version>`);
  if (failure && links.log) pages.push(`<${links.log}|Log of ${failure.stage}>`);
  sections.push(pages.join('   '));

  const text = headline(outcome);
  return {
    text,
    unfurl_links: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: text.slice(0, 150) } },
      ...sections.map(
        (line) => ({ type: 'section', text: { type: 'mrkdwn', text: line } }) as const,
      ),
    ],
  };
}

function figures({ judged, registered }: Outcome): string {
  if (!judged) return 'Not judged.';
  const { accuracy, accuracy_low, accuracy_high, f1 } = judged.metrics;
  const interval =
    accuracy_low === undefined || accuracy_high === undefined
      ? ''
      : ` (${percent(accuracy_low)} to ${percent(accuracy_high)})`;
  const lines = [`*Accuracy* ${percent(accuracy)}${interval} on ${judged.rows} texts`];
  if (f1 !== undefined) lines.push(`*F1* ${f1.toFixed(4)}`);
  lines.push(`*Champion* ${champion(registered?.champion ?? null)}`);
  return lines.join('\n');
}

const SIGNS = { better: '📈', equal: '⚖️', worse: '📉', 'not comparable': '❔' } as const;

/** How the model compares with the champion, and why. */
function against({ verdict, champion, comparison }: RegisterResult): string {
  const heading = `*Against version ${champion?.version}* ${SIGNS[verdict!]} ${verdict}`;
  return [heading, ...comparison.map((reason) => `• ${escapeMarkup(reason)}`)]
    .join('\n')
    .slice(0, 2900);
}

function champion(before: RegisterResult['champion']): string {
  if (!before) return 'none in Production';
  const accuracy = before.accuracy === null ? 'accuracy unknown' : percent(before.accuracy);
  return `version ${before.version}, ${accuracy}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Slack's three control characters. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
