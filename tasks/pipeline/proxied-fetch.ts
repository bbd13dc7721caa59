import { EnvHttpProxyAgent, fetch, type RequestInit, type Response } from 'undici';

/** `fetch` through HTTP_PROXY, HTTPS_PROXY and NO_PROXY, which Node's own ignores before version 24. */
export function proxiedFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, dispatcher: new EnvHttpProxyAgent() });
}
