import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Ajv, type ErrorObject } from 'ajv';
import { type Document, isMap, isPair, LineCounter, parse, parseDocument } from 'yaml';
import type { Config } from './config.generated.js';
import { InputError } from './errors.js';
import {
  configSchema,
  describeType,
  knownKeys,
  nearestKey,
  type Schema,
  schemaAt,
} from './schema.js';

export type { Config } from './config.generated.js';

export interface ConfigSources {
  /** YAML file. */
  file: string;
  /** `ML4__TRAIN__EPOCHS=2` stands for train.epochs; empty ones count as unset. @default {} */
  env?: Record<string, string | undefined>;
  /** `train.epochs=2`, as after --set. @default [] */
  overrides?: readonly string[];
}

/** Where each value came from, by dotted key: `configs/config.yaml:12`, `--set train.epochs=2`. */
type Origins = Map<string, string>;

/**
 * The configuration of a pipeline: schema defaults < file < environment < overrides.
 *
 * @throws InputError that lists everything wrong with it, each with file and line or variable.
 */
export async function loadConfig({
  file,
  env = {},
  overrides = [],
}: ConfigSources): Promise<Config> {
  const origins: Origins = new Map();
  const config = await readYaml(file, origins);
  const problems: string[] = [];
  for (const { key, text, origin } of [...fromEnvironment(env), ...overrides.map(fromOverride)]) {
    const schema = knownKeys.get(key);
    if (schema) {
      assign(config, key, parseText(text, schema));
      origins.set(key, origin);
    } else {
      problems.push(`${origin}: ${unknownKey(key)}`);
    }
  }
  problems.push(...validate(config, origins, file));
  if (problems.length > 0) {
    throw new InputError(problems.join('\n'), {
      fix: 'configs/config.schema.json describes every key.',
    });
  }
  return config as unknown as Config;
}

async function readYaml(file: string, origins: Origins): Promise<Record<string, unknown>> {
  const lines = new LineCounter();
  const document = parseDocument(await readText(file), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) =>
    offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    throw new InputError(
      document.errors.map((error) => `${at(error.pos[0])}: ${error.message}.`).join('\n'),
    );
  }
  if (document.contents === null) return {};
  if (!isMap(document.contents)) {
    throw new InputError('A configuration consists of sections such as `train:`.', { where: file });
  }
  recordOrigins(document.contents, [], origins, at);
  return toPlain(document, file);
}

function toPlain(document: Document, file: string): Record<string, unknown> {
  try {
    return document.toJS();
  } catch (error) {
    throw new InputError(`${(error as Error).message}.`, { where: file, cause: error });
  }
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new InputError('No such configuration file.', {
        where: file,
        fix: 'Correct --config; a relative path starts at the current folder.',
      });
    if (code === 'EISDIR')
      throw new InputError('A folder, not a configuration file.', { where: file });
    if (error instanceof TypeError) throw new InputError('Not UTF-8 text.', { where: file });
    throw error;
  }
}

function recordOrigins(
  node: unknown,
  path: string[],
  origins: Origins,
  at: (offset: number | undefined) => string,
): void {
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    const key = pair.key as { value?: unknown; range?: [number, number, number] };
    const name = [...path, String(key.value)];
    origins.set(name.join('.'), at(key.range?.[0]));
    recordOrigins(pair.value, name, origins, at);
  }
}

interface Setting {
  key: string;
  text: string;
  origin: string;
}

function fromEnvironment(env: Record<string, string | undefined>): Setting[] {
  return Object.entries(env).flatMap(([name, text]) =>
    name.startsWith('ML4__') && text
      ? [{ key: name.slice(5).toLowerCase().replaceAll('__', '.'), text, origin: name }]
      : [],
  );
}

function fromOverride(override: string): Setting {
  const equals = override.indexOf('=');
  if (equals < 1) {
    throw new InputError(`--set ${override}: write it as --set train.epochs=2.`);
  }
  const key = override.slice(0, equals).trim();
  return { key, text: override.slice(equals + 1).trim(), origin: `--set ${key}` };
}

/** A key that takes text takes it as it is; others as YAML would read it. */
function parseText(text: string, schema: Schema): unknown {
  const types = [schema.type ?? []].flat();
  if (types.includes('null') && (text === '' || text === 'null')) return null;
  if (types.includes('string')) return text;
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function assign(config: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.');
  const leaf = names.pop() as string;
  let section = config;
  for (const name of names) {
    const next = section[name];
    if (next === undefined || next === null) section[name] = {};
    else if (typeof next !== 'object') return; // reported by validate: not a section
    section = section[name] as Record<string, unknown>;
  }
  section[leaf] = value;
}

const check = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true }).compile(
  configSchema,
);

/** Fills in the defaults of `config` and returns what is wrong with it, one sentence a key. */
function validate(config: Record<string, unknown>, origins: Origins, file: string): string[] {
  for (const [name, section] of Object.entries(config)) {
    if (section === null) delete config[name]; // `train:` with nothing but comments below it
  }
  const problems = new Map<string, string>();
  if (!check(config)) {
    for (const error of check.errors ?? []) {
      const [key, problem] = explain(error, config);
      if (!problems.has(key)) problems.set(key, `${origins.get(key) ?? file}: ${problem}`);
    }
    return [...problems.values()];
  }
  const { hidden_size, num_attention_heads } = (config as unknown as Config).model.scratch;
  if (hidden_size % num_attention_heads === 0) return [];
  const key = 'model.scratch.hidden_size';
  return [
    `${origins.get(key) ?? file}: ${key} must be a multiple of num_attention_heads, ${num_attention_heads}; it is ${hidden_size}.`,
  ];
}

function explain(
  error: ErrorObject,
  config: Record<string, unknown>,
): [key: string, problem: string] {
  const names = error.instancePath.split('/').slice(1);
  if (error.keyword === 'additionalProperties') {
    const key = [...names, String(error.params.additionalProperty)].join('.');
    return [key, unknownKey(key)];
  }
  const key = names.join('.');
  const value = names.reduce<unknown>(
    (node, name) => (node as Record<string, unknown>)[name],
    config,
  );
  const allowed = describeType(schemaAt(key) ?? {});
  return [key, `${key} must be ${allowed}; it is ${show(value)}.`];
}

function show(value: unknown): string {
  if (value === null) return 'empty';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function unknownKey(key: string): string {
  const nearest = nearestKey(key);
  return `There is no key ${key}.${nearest ? ` Did you mean ${nearest}?` : ''}`;
}

/** Values by dotted key, as text; an empty one is `null`. */
export function flattenConfig(config: Config): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const key of knownKeys.keys()) {
    const value = key
      .split('.')
      .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], config);
    flat[key] = String(value);
  }
  return flat;
}

/** Keys that decide what a pipeline computes: two values of one of these are two pipelines. */
export function identity(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(flattenConfig(config)).filter(
      ([key]) =>
        /^(dataset|model|train|eval)\./.test(key) &&
        key !== 'model.register_threshold' &&
        key !== 'model.registered_name',
    ),
  );
}

/** Short hash of what a pipeline computes and where it is recorded. */
export function configHash(config: Config): string {
  const recorded = {
    ...identity(config),
    uri: config.tracking.uri,
    experiment: config.tracking.experiment,
  };
  return createHash('sha256').update(JSON.stringify(recorded)).digest('hex').slice(0, 16);
}
