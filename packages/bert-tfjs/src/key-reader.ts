import type { JsonObject } from './checkpoint/json-file.js';
import { CheckpointError } from './errors.js';

/** Reads keys of a `config.json`; its errors name the file, the key and the value. */
export class KeyReader {
  constructor(
    private readonly json: JsonObject,
    readonly where: string,
  ) {}

  value(key: string): unknown {
    return Object.hasOwn(this.json, key) ? this.json[key] : undefined;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined && this.value(key) !== null;
  }

  integer(key: string, byDefault: number, least: number): number {
    return this.number(
      key,
      byDefault,
      (value) => Number.isSafeInteger(value) && value >= least,
      `an integer from ${least}`,
    );
  }

  positive(key: string, byDefault: number): number {
    return this.number(key, byDefault, (value) => value > 0, 'a positive number');
  }

  probability(key: string, byDefault: number): number {
    return this.number(
      key,
      byDefault,
      (value) => value >= 0 && value < 1,
      'a number from 0 to below 1',
    );
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], byDefault: T): T {
    if (!this.has(key)) return byDefault;
    const found = allowed.find((candidate) => candidate === this.value(key));
    if (found === undefined) throw this.outOfRange(key, `one of ${allowed.join(', ')}`);
    return found;
  }

  error(what: string): CheckpointError {
    return new CheckpointError(this.where, what, 'Correct the file or choose another model.');
  }

  private number(
    key: string,
    byDefault: number,
    accepts: (value: number) => boolean,
    expected: string,
  ): number {
    if (!this.has(key)) return byDefault;
    const value = this.value(key);
    if (typeof value !== 'number' || !accepts(value)) throw this.outOfRange(key, expected);
    return value;
  }

  private outOfRange(key: string, expected: string): CheckpointError {
    return this.error(`${key} is ${JSON.stringify(this.value(key))}, not ${expected}`);
  }
}
