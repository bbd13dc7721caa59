import {
  IncomingWebhook,
  IncomingWebhookHTTPError,
  type IncomingWebhookSendArguments,
} from '@slack/webhook';
import type { RequestInit } from 'undici';
import { InputError } from '../pipeline/errors.js';
import { proxiedFetch } from '../pipeline/proxied-fetch.js';
import { redact } from '../pipeline/secrets.js';

const DEFAULT_BASE = 'https://hooks.slack.com/services';
const TIMEOUT_MS = 10_000;
const RETRIES = { retries: 3, minTimeout: 500, factor: 2 };

/**
 * The webhook's address from SLACK_WEBHOOK_URL, or from SLACK_WEBHOOK_TOKEN (T…/B…/…) behind
 * SLACK_WEBHOOK_BASE; undefined where neither is set.
 *
 * @throws InputError where it is no address; the message does not repeat it.
 */
export function webhookUrl(env: Record<string, string | undefined>): string | undefined {
  const token = env.SLACK_WEBHOOK_TOKEN?.trim().replace(/^\/+/, '');
  const base = (env.SLACK_WEBHOOK_BASE || DEFAULT_BASE).replace(/\/+$/, '');
  const url = env.SLACK_WEBHOOK_URL?.trim() || (token && `${base}/${token}`);
  if (!url) return undefined;
  if (/^https?:/.test(url) && URL.canParse(url)) return url;
  throw new InputError('The address of the Slack webhook is not an http(s) address.', {
    fix: 'Correct SLACK_WEBHOOK_URL, or SLACK_WEBHOOK_TOKEN and SLACK_WEBHOOK_BASE.',
  });
}

/**
 * Posts a message, patiently: failures that may pass and rate limits are retried.
 *
 * @throws InputError where Slack refuses the token or the message; Error where it cannot be
 *   reached. Neither holds the address.
 */
export async function postToSlack(
  url: string,
  message: IncomingWebhookSendArguments,
): Promise<void> {
  const webhook = new IncomingWebhook(url, {
    timeout: TIMEOUT_MS,
    retryConfig: RETRIES,
    fetch: async (address, init) => {
      const response = await proxiedFetch(address, init as RequestInit);
      if (response.status === 429) throw new Error('429: too many messages'); // a request error is retried
      return response;
    },
  });
  try {
    await webhook.send(message);
  } catch (error) {
    throw withoutAddress(error, url);
  }
}

/** The library's errors carry the request, and with it the token: none of them is passed on. */
function withoutAddress(error: unknown, url: string): Error {
  const text = error instanceof Error ? error.message : String(error);
  const reason = redact(text).replaceAll(url, '***');
  if (error instanceof IncomingWebhookHTTPError && error.statusCode < 500) {
    const answer = redact(error.body).replaceAll(url, '***').slice(0, 200);
    return new InputError(`Slack refused the message: ${error.statusCode} ${answer}`, {
      fix: 'Check SLACK_WEBHOOK_URL or SLACK_WEBHOOK_TOKEN, or switch it off: --set notify.slack=false.',
    });
  }
  return new Error(`Slack cannot be reached: ${reason}`);
}
