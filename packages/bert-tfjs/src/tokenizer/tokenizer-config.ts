import { type JsonObject, readJsonFile } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';
import type { NormalizerOptions } from './bert-normalizer.js';
import { readRoles, type TokenRoles } from './token-roles.js';

/** What a `tokenizer_config.json` says beside the vocabulary. */
export interface TokenizerConfig extends NormalizerOptions {
  /** The longest row that the model takes; Infinity when the file does not say. */
  maxLength: number;
}

/** How KcBERT and other cased models read text; for vocabularies that are trained here. */
export const CASED: TokenizerConfig = {
  doLowerCase: false,
  stripAccents: false,
  tokenizeChineseChars: true,
  maxLength: Number.POSITIVE_INFINITY,
};

/** Classes that read a `vocab.txt`, and whose normalizer is set by `tokenizer_config.json`. */
const BERT_CLASSES = [
  'BertTokenizer',
  'BertTokenizerFast',
  'ElectraTokenizer',
  'ElectraTokenizerFast',
];

/** A `tokenizer_config.json`. */
export interface TokenizerConfigFile {
  /** transformers' class, where the file names one. */
  className: string | undefined;
  /** The class is BERT's. */
  isBert: boolean;
  config: TokenizerConfig;
  roles: TokenRoles;
}

/**
 * Reads `tokenizer_config.json`; what it leaves out, or the whole file, takes the values of
 * transformers' `BertTokenizer`, which lower-cases.
 *
 * @throws CheckpointError when the file is damaged.
 */
export async function readTokenizerConfig(file: string): Promise<TokenizerConfigFile> {
  const json = (await readJsonFile(file)) ?? {};
  const { tokenizer_class: className, model_max_length: maxLength } = json;
  return {
    className: typeof className === 'string' ? className : undefined,
    isBert: BERT_CLASSES.some((name) => name === className),
    config: {
      doLowerCase: readFlag(json, 'do_lower_case', file) ?? true,
      stripAccents: readFlag(json, 'strip_accents', file),
      tokenizeChineseChars: readFlag(json, 'tokenize_chinese_chars', file) ?? true,
      // transformers writes 1e30 for "no limit".
      maxLength: Number.isSafeInteger(maxLength) ? Number(maxLength) : Number.POSITIVE_INFINITY,
    },
    roles: readRoles(json),
  };
}

/** What transformers reads as the `tokenizer_config.json` of a `BertTokenizer`. */
export function bertTokenizerConfigJson(config: TokenizerConfig, roles: TokenRoles): JsonObject {
  return {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: config.doLowerCase,
    strip_accents: config.stripAccents,
    tokenize_chinese_chars: config.tokenizeChineseChars,
    ...commonConfig(config.maxLength, roles),
  };
}

/** Of a tokenizer that transformers has to take from `tokenizer.json` as it is. */
export function genericTokenizerConfigJson(maxLength: number, roles: TokenRoles): JsonObject {
  return { tokenizer_class: 'PreTrainedTokenizerFast', ...commonConfig(maxLength, roles) };
}

function commonConfig(maxLength: number, roles: TokenRoles): JsonObject {
  return { ...(Number.isFinite(maxLength) ? { model_max_length: maxLength } : {}), ...roles };
}

function readFlag(json: JsonObject, key: string, file: string): boolean | null {
  const value = json[key] ?? null;
  if (value === null || typeof value === 'boolean') return value;
  throw new CheckpointError(
    file,
    `${key} is ${JSON.stringify(value)}, not true or false`,
    'Correct the file.',
  );
}
