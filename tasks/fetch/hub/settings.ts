import { join } from 'node:path';
import { InputError } from '../../pipeline/errors.js';

/** How to reach the Hugging Face hub; the environment variables are those that Python's library reads. */
export interface HubSettings {
  /** HF_ENDPOINT. @default 'https://huggingface.co' */
  endpoint: string;
  /** HF_TOKEN. */
  token: string | undefined;
  /** HF_HUB_OFFLINE: use only what is in the cache. */
  offline: boolean;
  /** HF_HUB_CACHE, or HF_HOME/hub: a cache in the layout that Python's library reads and writes. */
  cache: string;
  /** HF_HUB_DOWNLOAD_TIMEOUT, in seconds: longest silence of the server. @default 30 */
  timeoutMs: number;
  /** Pause before the first retry; it doubles with each. @default 500 */
  backoffMs: number;
}

/**
 * Reads the settings from the environment.
 *
 * @param defaultCache where neither HF_HUB_CACHE nor HF_HOME is set
 * @throws InputError where one of them cannot be right.
 */
export function hubSettings(
  defaultCache: string,
  env: Record<string, string | undefined> = process.env,
): HubSettings {
  const endpoint = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw new InputError(`HF_ENDPOINT is not an http(s) address: ${endpoint}.`, {
      fix: 'Set it to the hub or a mirror of it, such as https://huggingface.co.',
    });
  }
  const token = env.HF_TOKEN || undefined;
  if (token !== undefined && !token.startsWith('hf_')) {
    throw new InputError('HF_TOKEN is not a token of the Hugging Face hub: those begin with hf_.', {
      fix: `Make one at ${endpoint}/settings/tokens, or unset HF_TOKEN.`,
    });
  }
  return {
    endpoint,
    token,
    offline: /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? ''),
    cache: env.HF_HUB_CACHE || (env.HF_HOME ? join(env.HF_HOME, 'hub') : defaultCache),
    timeoutMs: (Number(env.HF_HUB_DOWNLOAD_TIMEOUT) || 30) * 1000,
    backoffMs: 500,
  };
}

/** The settings as parameters of @huggingface/hub, which reads no environment. */
export function credentials({ endpoint, token }: HubSettings) {
  return { hubUrl: endpoint, ...(token !== undefined && { accessToken: token }) };
}
