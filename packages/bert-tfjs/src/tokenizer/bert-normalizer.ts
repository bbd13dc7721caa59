import { BertNormalizer } from '@huggingface/tokenizers';
import type { JsonObject } from '../checkpoint/json-file.js';

/** How text is changed before it is cut into words. */
export interface NormalizerOptions {
  /** Lower-case the text. */
  doLowerCase: boolean;
  /** Strip accents (which takes Hangul apart into Jamo); null means as `doLowerCase`. */
  stripAccents: boolean | null;
  /** Put spaces around CJK ideographs. */
  tokenizeChineseChars: boolean;
}

/** Characters that BERT drops: control, format, private use, surrogate, and those for "unknown". */
const DROPPED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;

/** The CJK blocks that BERT's own tokenizer sets apart. */
const IDEOGRAPHS =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/**
 * The normalizer of Python's library, in place of that of the JavaScript one, which is slower and
 * differs: it does not set ideographs beyond U+FFFF apart, and makes Σ a final ς at the end of a
 * word, where Python lower-cases characters one by one. What remains: accents, punctuation and
 * format characters that Unicode added after 2015 are known here and not to Python's older tables.
 * Korean text has none of them.
 */
export class PythonBertNormalizer extends BertNormalizer {
  override normalize(text: string): string {
    const { clean_text, handle_chinese_chars, lowercase, strip_accents } = this.config;
    let result = clean_text ? text.replace(DROPPED, '') : text;
    if (handle_chinese_chars) result = result.replace(IDEOGRAPHS, ' $& ');
    if (lowercase) result = result.replaceAll('Σ', 'σ').toLowerCase();
    if (strip_accents ?? lowercase) result = result.normalize('NFD').replace(/\p{Mn}/gu, '');
    return result;
  }
}

/** The options as a `tokenizer.json` has them. */
export function toNormalizerJson(options: NormalizerOptions) {
  return {
    type: 'BertNormalizer' as const,
    clean_text: true,
    handle_chinese_chars: options.tokenizeChineseChars,
    strip_accents: options.stripAccents,
    lowercase: options.doLowerCase,
  };
}

/** The options that a `tokenizer.json` has. */
export function fromNormalizerJson(json: JsonObject): NormalizerOptions {
  return {
    doLowerCase: json.lowercase === true,
    stripAccents: typeof json.strip_accents === 'boolean' ? json.strip_accents : null,
    tokenizeChineseChars: json.handle_chinese_chars === true,
  };
}
