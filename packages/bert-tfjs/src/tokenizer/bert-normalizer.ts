import { BertNormalizer } from '@huggingface/tokenizers';

/** How text is changed before it is cut into words. */
export interface NormalizerOptions {
  /** Lower-case the text. */
  doLowerCase: boolean;
  /** Strip accents (which takes Hangul apart into Jamo); null means as `doLowerCase`. */
  stripAccents: boolean | null;
  /** Put spaces around CJK ideographs. */
  tokenizeChineseChars: boolean;
}

/** The CJK blocks of BERT's own tokenizer that lie beyond U+FFFF. */
const ASTRAL_IDEOGRAPHS =
  /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

/**
 * The library's normalizer with two differences to Python's removed: ideographs beyond U+FFFF are
 * set apart as well, and Σ becomes σ also at the end of a word, as characters are lower-cased one
 * by one. What remains: accents, punctuation and format characters that Unicode added after 2015
 * are known here and not to Python's older tables. Korean text has none of them.
 */
export class PythonBertNormalizer extends BertNormalizer {
  override normalize(text: string): string {
    const { handle_chinese_chars, lowercase } = this.config;
    const apart = handle_chinese_chars ? text.replace(ASTRAL_IDEOGRAPHS, ' $& ') : text;
    return super.normalize(lowercase ? apart.replaceAll('Σ', 'σ') : apart);
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
