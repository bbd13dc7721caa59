import { type JsonObject, readJsonFile } from '../checkpoint/json-file.js';
import { CheckpointError } from '../errors.js';
import type { NormalizerOptions } from './bert-normalizer.js';

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

/** Classes whose normalizer is set by `tokenizer.json` alone. */
const GENERIC_CLASSES = ['PreTrainedTokenizerFast', 'TokenizersBackend'];
const BERT_CLASSES = ['BertTokenizer', 'BertTokenizerFast'];

/**
 * Reads `tokenizer_config.json`; what it leaves out, or the whole file, takes the values of
 * transformers' `BertTokenizer`, which lower-cases.
 *
 * @returns The config, and whether a `tokenizer.json` overrides its normalizer.
 * @throws CheckpointError when the file is damaged or of another tokenizer class.
 */
export async function readTokenizerConfig(file: string) {
  const json = (await readJsonFile(file)) ?? {};
  const { tokenizer_class: className = BERT_CLASSES[0], model_max_length: maxLength } = json;
  const generic = GENERIC_CLASSES.some((name) => name === className);
  if (!generic && !BERT_CLASSES.some((name) => name === className)) {
    throw new CheckpointError(
      file,
      `tokenizer_class ${JSON.stringify(className)} is not BertTokenizer`,
      'Choose a model with a BERT tokenizer (WordPiece).',
    );
  }
  const config: TokenizerConfig = {
    doLowerCase: readFlag(json, 'do_lower_case', file) ?? true,
    stripAccents: readFlag(json, 'strip_accents', file),
    tokenizeChineseChars: readFlag(json, 'tokenize_chinese_chars', file) ?? true,
    // transformers writes 1e30 for "no limit".
    maxLength: Number.isSafeInteger(maxLength) ? Number(maxLength) : Number.POSITIVE_INFINITY,
  };
  return { config, generic };
}

/** What transformers reads as the `tokenizer_config.json` of a `BertTokenizer`. */
export function toTokenizerConfigJson(config: TokenizerConfig): JsonObject {
  return {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: config.doLowerCase,
    strip_accents: config.stripAccents,
    tokenize_chinese_chars: config.tokenizeChineseChars,
    ...(Number.isFinite(config.maxLength) ? { model_max_length: config.maxLength } : {}),
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  };
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
