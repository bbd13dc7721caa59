import { type Int64, toInt64, toNumber } from './json.js';

/** Key-value pairs, which the REST API sends as a list of `{key, value}`. */
export type Tags = Record<string, string>;

/**
 * One JSON object of an answer, read field by field into typed values. MLflow leaves out fields
 * that are empty, so a list that is absent is an empty one.
 *
 * @throws InvalidField where a field is missing or of another type.
 */
export class Answer {
  readonly #fields: Record<string, unknown>;

  constructor(
    value: unknown,
    private readonly where = 'answer',
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidField(`${where} is not an object`);
    }
    this.#fields = value as Record<string, unknown>;
  }

  string(key: string): string {
    return this.#required(key, this.optionalString(key));
  }

  optionalString(key: string): string | undefined {
    return this.#read(key, 'a string', (value) => (typeof value === 'string' ? value : undefined));
  }

  number(key: string): number {
    return this.#required(key, this.optionalNumber(key));
  }

  optionalNumber(key: string): number | undefined {
    return this.#read(key, 'a number', toNumber);
  }

  /** A 64-bit integer; absent, it is 0. */
  int64(key: string): Int64 {
    return this.#read(key, 'an integer', toInt64) ?? 0;
  }

  /** A boolean; absent, it is false. */
  boolean(key: string): boolean {
    return (
      this.#read(key, 'true or false', (v) => (typeof v === 'boolean' ? v : undefined)) ?? false
    );
  }

  /** An object within; absent, an empty one. */
  object(key: string): Answer {
    return new Answer(this.#fields[key] ?? {}, `${this.where}.${key}`);
  }

  list<T>(key: string, decode: (item: Answer) => T): T[] {
    return this.#array(key).map((item, i) =>
      decode(new Answer(item, `${this.where}.${key}[${i}]`)),
    );
  }

  strings(key: string): string[] {
    return this.#array(key).map((item, i) => {
      if (typeof item === 'string') return item;
      throw new InvalidField(`${this.where}.${key}[${i}] is not a string`);
    });
  }

  /** A list of key-value pairs, as a record. */
  tags(key: string, keyField = 'key'): Tags {
    return Object.fromEntries(
      this.list(key, (item) => [item.string(keyField), item.optionalString('value') ?? '']),
    );
  }

  /** This object itself as a record, where it is one of strings. */
  record(): Tags {
    return Object.fromEntries(Object.keys(this.#fields).map((key) => [key, this.string(key)]));
  }

  #array(key: string): unknown[] {
    return this.#read(key, 'a list', (value) => (Array.isArray(value) ? value : undefined)) ?? [];
  }

  #read<T>(key: string, kind: string, read: (value: unknown) => T | undefined): T | undefined {
    const value = this.#fields[key];
    if (value === undefined || value === null) return undefined;
    const result = read(value);
    if (result === undefined) throw new InvalidField(`${this.where}.${key} is not ${kind}`);
    return result;
  }

  #required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw new InvalidField(`${this.where}.${key} is missing`);
    return value;
  }
}

/** A field of an answer that is not what the REST API promises. */
export class InvalidField extends Error {
  override readonly name = 'InvalidField';
}

/** A record as the REST API's list of pairs. */
export function toPairs(tags: Tags | undefined): { key: string; value: string }[] | undefined {
  return tags && Object.entries(tags).map(([key, value]) => ({ key, value }));
}
