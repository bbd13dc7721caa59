import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Auth, credentialsIn } from '../address.js';
import type { ClientOptions } from '../http.js';
import { createFetch, type TlsOptions } from './fetch.js';
import type { Proxies } from './proxy.js';

/** Environment variables. */
export type Environment = Record<string, string | undefined>;

/** What goes before the environment. */
interface Given extends Pick<ClientOptions, 'auth' | 'fetch'> {
  trackingUri?: string | undefined;
  tls?: TlsOptions | undefined;
}

/**
 * Options of the client from the environment, as MLflow's Python client has them:
 * `MLFLOW_TRACKING_URI`, `_USERNAME`, `_PASSWORD`, `_TOKEN`, `_INSECURE_TLS`, `_SERVER_CERT_PATH`,
 * `_CLIENT_CERT_PATH`, `MLFLOW_HTTP_REQUEST_MAX_RETRIES`, `_BACKOFF_FACTOR`, `_TIMEOUT`, and
 * `~/.mlflow/credentials`; proxies from `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 *
 * @throws TypeError that names the variable which holds what it may not
 */
export function fromEnvironment(env: Environment, given: Given): Partial<ClientOptions> {
  const trackingUri = given.trackingUri ?? env.MLFLOW_TRACKING_URI;
  const timeout = positive(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT');
  return {
    trackingUri,
    auth: given.auth ?? (hasCredentials(trackingUri) ? undefined : authFrom(env)),
    fetch: given.fetch ?? createFetch(given.tls ?? tlsFrom(env), proxiesFrom(env)),
    timeoutMs: timeout && timeout * 1000,
    maxRetries: positive(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES'),
    backoffFactor: positive(env, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR'),
  } as Partial<ClientOptions>;
}

/** Those of the address go before those of the environment. */
function hasCredentials(trackingUri = ''): boolean {
  return URL.canParse(trackingUri) && credentialsIn(new URL(trackingUri)) !== undefined;
}

/** User and password, from the environment or the file, go before the token. */
function authFrom(env: Environment): Auth | undefined {
  const file = credentialsFile(join(homedir(), '.mlflow', 'credentials'));
  const username = env.MLFLOW_TRACKING_USERNAME || file.get('mlflow_tracking_username');
  const password = env.MLFLOW_TRACKING_PASSWORD || file.get('mlflow_tracking_password');
  if (username && password) return { username, password };
  if (env.MLFLOW_TRACKING_TOKEN) return { token: env.MLFLOW_TRACKING_TOKEN };
  return undefined;
}

/** The section `[mlflow]` of an INI file; empty where there is no such file. */
function credentialsFile(path: string): Map<string, string> {
  const entries = new Map<string, string>();
  let section = '';
  for (const line of readIfThere(path).split(/\r?\n/)) {
    section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === 'mlflow' && key && value !== undefined) entries.set(key.toLowerCase(), value);
  }
  return entries;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tlsFrom(env: Environment): TlsOptions {
  const insecure = /^(true|1)$/i.test(env.MLFLOW_TRACKING_INSECURE_TLS ?? '');
  const ca = pem(env, 'MLFLOW_TRACKING_SERVER_CERT_PATH');
  if (insecure && ca !== undefined) {
    throw new TypeError(
      'MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are set both: unset one',
    );
  }
  const client = pem(env, 'MLFLOW_TRACKING_CLIENT_CERT_PATH');
  // One file holds the certificate and its key.
  return { insecure, ca, cert: client, key: client };
}

function pem(env: Environment, name: string): string | undefined {
  const path = env[name];
  if (!path) return undefined;
  const text = readIfThere(path);
  if (!text.includes('-----BEGIN')) throw new TypeError(`${name} is no PEM file: ${path}`);
  return text;
}

function proxiesFrom(env: Environment): Proxies {
  return {
    http: env.http_proxy ?? env.HTTP_PROXY,
    https: env.https_proxy ?? env.HTTPS_PROXY,
    none: env.no_proxy ?? env.NO_PROXY,
  };
}

function positive(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const number = Number(text);
  if (!(number >= 0)) throw new TypeError(`${name} is to be a number, not "${text}"`);
  return number;
}
