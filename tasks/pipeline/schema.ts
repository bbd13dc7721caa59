import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { projectRoot } from './project.js';

/** The part of JSON Schema that configs/config.schema.json uses. */
export interface Schema {
  description?: string;
  type?: string | string[];
  enum?: string[];
  const?: string;
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  pattern?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
}

export const configSchema: Schema = JSON.parse(
  readFileSync(join(projectRoot, 'configs/config.schema.json'), 'utf8'),
);

/** Every key that takes a value, by its dotted name. */
export const knownKeys = new Map(leaves(configSchema));

function* leaves(schema: Schema, path: string[] = []): Generator<[string, Schema]> {
  if (!schema.properties) {
    yield [path.join('.'), schema];
    return;
  }
  for (const [name, property] of Object.entries(schema.properties)) {
    yield* leaves(property, [...path, name]);
  }
}

/** The schema at a dotted key or section; undefined where there is none. */
export function schemaAt(key: string): Schema | undefined {
  const names = key === '' ? [] : key.split('.');
  return names.reduce<Schema | undefined>(
    (schema, name) => own(schema?.properties, name),
    configSchema,
  );
}

function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** What a key accepts, to follow "must be": `a whole number from 1 to 4096`. */
export function describeType(schema: Schema): string {
  if (schema.properties) return `a section with ${Object.keys(schema.properties).join(', ')}`;
  if (schema.anyOf) return schema.anyOf.map(describeType).join(', or ');
  if (schema.const !== undefined) return `"${schema.const}"`;
  if (schema.enum) {
    const values: unknown[] = schema.enum;
    const named = values.filter((value) => value !== null);
    return `one of ${named.join(', ')}${named.length < values.length ? ', or empty' : ''}`;
  }
  const types = [schema.type ?? []].flat();
  const names = types.filter((type) => type !== 'null').map((type) => describeOne(type, schema));
  return types.includes('null') ? `${names.join(' or ')}, or empty` : names.join(' or ');
}

function describeOne(type: string, schema: Schema): string {
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return `a whole number${describeRange(schema)}`;
  if (type === 'number') return `a number${describeRange(schema)}`;
  if (schema.pattern === '^https?://') return 'an address that starts with http:// or https://';
  if (schema.pattern) return `text that matches ${schema.pattern}`;
  return 'text';
}

function describeRange(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum !== undefined && `at least ${minimum}`,
    exclusiveMinimum !== undefined && `above ${exclusiveMinimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMaximum !== undefined && `below ${exclusiveMaximum}`,
  ].filter((bound) => bound !== false);
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

/** The known key or section that a mistyped one most likely means; undefined where none is near. */
export function nearestKey(key: string): string | undefined {
  const [leaf, section] = split(key);
  let best: { known: string; score: number } | undefined;
  for (const known of [...knownKeys.keys(), ...Object.keys(configSchema.properties ?? {})]) {
    const [knownLeaf, knownSection] = split(known);
    const score = distance(leaf, knownLeaf) + Math.min(1, distance(section, knownSection)) / 2;
    if (best === undefined || score < best.score) best = { known, score };
  }
  return best && best.score <= Math.max(2, leaf.length / 3) ? best.known : undefined;
}

function split(key: string): [leaf: string, section: string] {
  const dot = key.lastIndexOf('.');
  return [key.slice(dot + 1), key.slice(0, Math.max(0, dot))];
}
