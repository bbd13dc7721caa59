import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../pipeline/errors.js';

/** How to reach the Hugging Face hub; the environment variables are those that Python's library reads. */
export interface HubSettings {
  /** HF_ENDPOINT. @default 'https://huggingface.co' */
  endpoint: string;
  /** HF_TOKEN, or what `hf auth login` has left. */
  token: string | undefined;
  /** Where it is from, for messages. @default 'HF_TOKEN' */
  tokenFrom?: string;
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
  const found = tokenOf(env);
  if (found.token !== undefined && !found.token.startsWith('hf_')) {
    throw new InputError(
      `${found.tokenFrom} does not look like one of the Hugging Face hub: those begin with hf_.`,
      { fix: `Make one at ${endpoint}/settings/tokens, or remove this one.` },
    );
  }
  return {
    endpoint,
    ...found,
    offline: isTrue(env.HF_HUB_OFFLINE),
    cache: env.HF_HUB_CACHE || (env.HF_HOME ? join(env.HF_HOME, 'hub') : defaultCache),
    timeoutMs: (Number(env.HF_HUB_DOWNLOAD_TIMEOUT) || 30) * 1000,
    backoffMs: 500,
  };
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? '');
}

/** The token that Python's library sends: of the environment, else of the file of `hf auth login`. */
function tokenOf(
  env: Record<string, string | undefined>,
): Required<Pick<HubSettings, 'token' | 'tokenFrom'>> {
  const none = { token: undefined, tokenFrom: 'HF_TOKEN' };
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return none;
  const named = { HF_TOKEN: env.HF_TOKEN, HUGGING_FACE_HUB_TOKEN: env.HUGGING_FACE_HUB_TOKEN };
  for (const [tokenFrom, value] of Object.entries(named)) {
    const token = value?.trim();
    if (token) return { token, tokenFrom };
  }
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const home = env.HF_HOME || join(cache, 'huggingface');
  const file = (env.HF_TOKEN_PATH || join(home, 'token')).replace(/^~(?=\/)/, homedir());
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token ? { token, tokenFrom: `the token in ${file}` } : none;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return none;
    throw new InputError(`The token of \`hf auth login\` cannot be read (${code}).`, {
      where: file,
      fix: 'Let this user read it, or set HF_HUB_DISABLE_IMPLICIT_TOKEN=1 to go without.',
      cause: error,
    });
  }
}

/** The settings as parameters of @huggingface/hub, which reads no environment. */
export function credentials({ endpoint, token }: HubSettings) {
  return { hubUrl: endpoint, ...(token !== undefined && { accessToken: token }) };
}
