import { InputError } from '../../pipeline/errors.js';
import { describe, localInstead, type Repository } from './repository.js';
import type { HubSettings } from './settings.js';

/** The hub, or the way to it, fails: a retry may succeed. */
export class HubUnreachable extends Error {
  override readonly name = 'HubUnreachable';
  readonly exitCode = 1;
}

export function unreachable(
  endpoint: string,
  problem: string,
  repository: Repository,
  cause?: unknown,
): HubUnreachable {
  return new HubUnreachable(
    `${endpoint} cannot be reached for the ${describe(repository)}: ${problem}\n` +
      'Set HF_ENDPOINT to a mirror of the hub, or HTTPS_PROXY to your proxy (NODE_EXTRA_CA_CERTS for its certificate), ' +
      `or use a copy on this machine: ${localInstead(repository)}.`,
    { cause },
  );
}

/**
 * What an answer other than success means, in words. The hub says why in `X-Error-Code`
 * (RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo).
 */
export function refusal(
  response: { status: number; headers: { get(name: string): string | null } },
  repository: Repository,
  {
    endpoint,
    token,
    tokenFrom = 'HF_TOKEN',
  }: Pick<HubSettings, 'endpoint' | 'token' | 'tokenFrom'>,
): InputError {
  const { status, headers } = response;
  const code = headers.get('X-Error-Code');
  const what = describe(repository);
  const page = `${endpoint}/${repository.type === 'dataset' ? 'datasets/' : ''}${repository.name}`;
  const tokens = `${endpoint}/settings/tokens`;
  if (code === 'GatedRepo') {
    return new InputError(
      token === undefined
        ? `The ${what} is gated: its owner asks who uses it.`
        : `The ${what} is gated, and the account of ${tokenFrom} has no access to it yet.`,
      {
        fix: `Ask for access at ${page}${token === undefined ? `, make a token at ${tokens} and set HF_TOKEN to it` : ', and wait until it is granted'}.`,
      },
    );
  }
  if (code === 'RevisionNotFound') {
    return new InputError(`The ${what} has no revision "${repository.revision}".`, {
      fix: `Correct ${repository.type}.revision: ${page}/commits/main lists the commits.`,
    });
  }
  if (code === 'EntryNotFound') {
    return new InputError(`A file of the ${what} is gone at revision ${repository.revision}.`, {
      fix: `Look at ${page}/tree/${repository.revision}, or ${localInstead(repository)}.`,
    });
  }
  if (status === 401 && token !== undefined && code !== 'RepoNotFound') {
    return new InputError(`The hub does not accept ${tokenFrom}.`, {
      fix: `Make another token at ${tokens}, or remove this one where the ${what} is public.`,
    });
  }
  if (status === 401 || status === 404) {
    return new InputError(`The hub has no ${what}${token ? '' : ', or it is private'}.`, {
      fix: `Check ${repository.type}.name${token ? '' : '; for a private one set HF_TOKEN'}; or use ${localInstead(repository)}.`,
    });
  }
  if (status === 403) {
    return new InputError(`The hub denies access to the ${what}.`, {
      fix: `Give ${tokenFrom} (${tokens}) the right to read it, or use ${localInstead(repository)}.`,
    });
  }
  return new InputError(`The hub answers ${status} for the ${what}.`, {
    fix: `Look at ${page}, or use ${localInstead(repository)}.`,
  });
}
