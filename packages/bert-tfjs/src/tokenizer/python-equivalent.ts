import { type Model, type Normalizer, SequenceNormalizer } from '@huggingface/tokenizers';
import type { JsonObject } from '../checkpoint/json-file.js';
import { PythonBertNormalizer } from './bert-normalizer.js';
import { PrecompiledNormalizer } from './precompiled-normalizer.js';
import type { TokenizerJson } from './tokenizer-json.js';

/** Something that the JavaScript library does not do, or not as Python's does. */
export class UnsupportedPart extends Error {}

/**
 * A definition from which the JavaScript library makes what Python's makes of the given one. Where
 * the two differ, an equivalent of other parts is put in; what has none is refused.
 *
 * @throws UnsupportedPart naming it
 */
export function pythonEquivalent(json: TokenizerJson): TokenizerJson {
  checkModel(json.model);
  return {
    ...json,
    normalizer: json.normalizer && normalizerEquivalent(json.normalizer),
    pre_tokenizer: json.pre_tokenizer && preTokenizerEquivalent(json.pre_tokenizer),
  };
}

/**
 * Lets the library's model cut each word by itself, as Python does: it would fuse what it does not
 * know over the ends of words.
 */
export function cutWordByWord(model: Model): void {
  const cut = model._call.bind(model);
  model._call = (words) => words.flatMap((word) => cut([word]));
}

/** Puts a normalizer as Python has it where the library made its own. */
export function withPythonNormalizers(normalizer: Normalizer | null): Normalizer | null {
  if (normalizer instanceof SequenceNormalizer) {
    normalizer.normalizers = normalizer.normalizers.map(withPythonNormalizers);
  }
  switch (normalizer?.config.type) {
    case 'BertNormalizer':
      return new PythonBertNormalizer(normalizer.config);
    case 'Precompiled':
      return new PrecompiledNormalizer(normalizer.config);
    default:
      return normalizer;
  }
}

const MODELS = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'];

function checkModel(model: JsonObject): void {
  const { type, byte_fallback, continuing_subword_prefix, dropout } = model;
  const refuse = (what: string) => {
    throw new UnsupportedPart(`its ${String(type)} model has ${what}`);
  };
  if (!MODELS.some((known) => known === type)) {
    throw new UnsupportedPart(`its model is ${String(type)}, not ${MODELS.join(', ')}`);
  }
  if (type === 'Unigram' && byte_fallback === true) refuse('byte_fallback');
  if (type === 'BPE' && continuing_subword_prefix) refuse('continuing_subword_prefix');
  if (dropout) refuse('dropout');
}

const sequence = (normalizers: JsonObject[]) => ({ type: 'Sequence', normalizers });

function normalizerEquivalent(json: JsonObject): JsonObject {
  switch (json.type) {
    case 'Sequence':
      return sequence(list(json.normalizers).map(normalizerEquivalent));
    case 'Lowercase':
      // Character by character, so without a final ς.
      return sequence([{ type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' }, json]);
    default:
      return json;
  }
}

/** Characters that Python's library takes for punctuation. */
const PUNCTUATION = '\\p{P}\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E';
/** GPT-2's words, as the ByteLevel pre-tokenizer has them. */
const BYTE_LEVEL_WORDS =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** A pre-tokenizer whose tokens are the matches. */
const matches = (Regex: string): JsonObject => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Removed',
  invert: true,
});

const pretokenizers = (...parts: JsonObject[]) => ({ type: 'Sequence', pretokenizers: parts });

/** What Rust's regular expressions call a word: joiners too. */
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}';

// The library's own mean ASCII by \w and \d, and JavaScript's white space by \s.
function preTokenizerEquivalent(json: JsonObject): JsonObject {
  switch (json.type) {
    case 'Sequence':
      return pretokenizers(...list(json.pretokenizers).map(preTokenizerEquivalent));
    case 'Whitespace':
      return matches(`[${WORD}]+|[^${WORD}\\s]+`);
    case 'WhitespaceSplit':
      return matches('\\S+');
    case 'Digits':
      return matches(`\\P{N}+|\\p{N}${json.individual_digits === true ? '' : '+'}`);
    case 'Punctuation': {
      const { behavior = 'Isolated' } = json;
      if (behavior === 'Isolated') return matches(`[^${PUNCTUATION}]+|[${PUNCTUATION}]`);
      if (behavior === 'Contiguous') return matches(`[^${PUNCTUATION}]+|[${PUNCTUATION}]+`);
      if (behavior === 'Removed') return matches(`[^${PUNCTUATION}]+`);
      throw new UnsupportedPart(`its Punctuation has the behavior ${String(behavior)}`);
    }
    case 'Split': {
      const { behavior, invert = false } = json;
      const isKnown = invert === true ? behavior === 'Removed' : behavior !== undefined;
      if (isKnown && (behavior === 'Isolated' || behavior === 'Removed')) return json;
      throw new UnsupportedPart(
        `its Split has the behavior ${String(behavior)}${invert === true ? ', inverted' : ''}`,
      );
    }
    case 'Metaspace': {
      if (json.split === false) return json;
      const mark = String(json.replacement ?? '▁');
      return pretokenizers(json, matches(`${mark}[^${mark}]*|[^${mark}]+`));
    }
    case 'ByteLevel': {
      if (json.use_regex === false) return json;
      const prefix = { type: 'Replace', pattern: { Regex: '\\A[^ ]' }, content: ' $&' };
      return pretokenizers(
        ...(json.add_prefix_space === true ? [prefix] : []),
        matches(BYTE_LEVEL_WORDS),
        { ...json, add_prefix_space: false, use_regex: false },
      );
    }
    default:
      return json;
  }
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
