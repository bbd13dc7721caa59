import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  /** For people, at the page. */
  readonly password?: string | undefined;
  /** For programs: `Authorization: Bearer …`. */
  readonly token?: string | undefined;
}

const LIFETIME_MS = 12 * 60 * 60_000;
const ATTEMPTS_A_MINUTE = 10;

/** Who may come in: by password and then a signed cookie, or by token. */
export class Sessions {
  /** Whether anything is asked for at all. */
  readonly required: boolean;
  readonly #credentials: Credentials;
  readonly #key = randomBytes(32); // a restart ends all sessions
  #failures: number[] = [];

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    this.required = Boolean(credentials.password || credentials.token);
  }

  /** Too many wrong passwords in the last minute. */
  get blocked(): boolean {
    const since = Date.now() - 60_000;
    this.#failures = this.#failures.filter((time) => time > since);
    return this.#failures.length >= ATTEMPTS_A_MINUTE;
  }

  /** The cookie's value for who knows the password (or the token); undefined for who does not. */
  open(password: string): string | undefined {
    const { password: right, token } = this.#credentials;
    if (same(password, right) || same(password, token)) {
      const expires = String(Date.now() + LIFETIME_MS);
      return `${expires}.${this.#sign(expires)}`;
    }
    this.#failures.push(Date.now());
    return undefined;
  }

  isOpen(cookie: string | undefined): boolean {
    const [expires = '', signature = ''] = (cookie ?? '').split('.');
    return same(signature, this.#sign(expires)) && Number(expires) > Date.now();
  }

  isToken(authorization: string | undefined): boolean {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    return token !== undefined && same(token, this.#credentials.token);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

/** Compares in a time that tells nothing; an absent secret equals nothing. */
function same(given: string, secret: string | undefined): boolean {
  if (!secret) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
