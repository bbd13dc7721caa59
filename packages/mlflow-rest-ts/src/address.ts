/** Basic credentials or a bearer token. */
export type Auth = { username: string; password: string } | { token: string };

/** Parameters of a query; those that are undefined are left out. */
export type Query = Record<string, QueryValue>;
type QueryValue = string | number | bigint | boolean | readonly string[] | undefined;

/** `?…`, or nothing; lists are repeated. */
export function queryString(query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) search.append(key, String(item));
  }
  return search.size === 0 ? '' : `?${search}`;
}

/** @throws TypeError if it is not an http(s) address */
export function parseTrackingUri(trackingUri: string): URL {
  if (!/^https?:\/\//.test(trackingUri) || !URL.canParse(trackingUri)) {
    const shown = trackingUri.replace(/\/\/.*@/, '//');
    throw new TypeError(`trackingUri must be the http(s) address of a server, not "${shown}"`);
  }
  return new URL(trackingUri);
}

/** Credentials of an address like `http://user:password@host`. */
export function credentialsIn(url: URL): Auth | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  return { username: username ?? '', password: password ?? '' };
}

/** The header `authorization`. */
export function authorization(auth: Auth): string {
  if ('token' in auth) return `Bearer ${auth.token}`;
  const bytes = new TextEncoder().encode(`${auth.username}:${auth.password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
