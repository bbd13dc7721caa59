import type { Tags } from '../answer.js';
import { isNotFound } from '../errors.js';
import type { CallOptions } from '../http.js';

/** What something is found again by: the tag `keyTag` with the value `key`. */
export interface Key {
  key: string;
  /** @default 'mlflow-rest-ts.key' */
  keyTag?: string | undefined;
}

/** What a thing made under a key is called by, and its tags. */
export class Keyed {
  readonly #keyTag: string;
  readonly #key: string;

  constructor({ key, keyTag = 'mlflow-rest-ts.key' }: Key) {
    this.#key = key;
    this.#keyTag = keyTag;
  }

  /** Holds `<turn> <owner>`, or `- <owner>` before there is a turn. */
  get turnTag(): string {
    return `${this.#keyTag}.turn`;
  }

  /** Filter of the searches. */
  get filter(): string {
    return `tags.\`${this.#keyTag}\` = ${quoted(this.#key)}`;
  }

  tags(more: Tags | undefined, owner: string): Tags {
    return { ...more, [this.#keyTag]: this.#key, [this.turnTag]: turnValue(undefined, owner) };
  }

  owner(tags: Tags): string | undefined {
    return tags[this.turnTag]?.split(' ')[1];
  }

  /** The turn; 0 for what carries the key without one, made by hand or by another program. */
  turn(tags: Tags): number | undefined {
    const turn = tags[this.turnTag]?.split(' ')[0] ?? '0';
    return turn === '-' ? undefined : Number(turn);
  }
}

export function turnValue(turn: number | undefined, owner: string): string {
  return `${turn ?? '-'} ${owner}`;
}

/** A string of MLflow's filter language, which has no escapes. */
export function quoted(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new TypeError(`a key or name may not hold both kinds of quotes: ${value}`);
}

/** The part of a call's one object that says how to call. */
export function callOptions({ signal, timeoutMs, maxRetries }: CallOptions): CallOptions {
  return { signal, timeoutMs, maxRetries };
}

export async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
