import type { JsonObject } from '../checkpoint/json-file.js';
import { KCBERT_EMOJI } from './kcbert-emoji.js';

/** A letter or digit of the texts that are left once other characters are gone. */
const WORD = '0-9A-Za-z_ℹㄱ-ㅣ가-힣';
/** What a host name, and what a path may be made of. */
const HOST = '-0-9A-Za-z@:%._+~#=';
const PATH = '-0-9A-Za-z()@:%_+.~#?&/=';

const replace = (Regex: string, content: string): JsonObject => ({
  type: 'Replace',
  pattern: { Regex },
  content,
});

/**
 * Cleanings of text by name. Each is a list of normalizers as a `tokenizer.json` has them, put before
 * the tokenizer's own, so that whoever reads the file cleans in the same way. A name's meaning never
 * changes: another cleaning gets another name. Classes are spelled out, as `\w` and `\p{Emoji}` mean
 * other characters in each version of Unicode.
 */
const CLEANINGS = {
  /**
   * What KcBERT's texts went through before its training (Lee 2020; github.com/Beomi/KcBERT, "clean",
   * with emoji 0.6 and soynlp 0.0.493): characters that are no ASCII, Hangul, emoji or one of `·∼％`
   * become a space, as do control characters that separate; links go; a letter that stands four
   * times or more in a row stays twice. Composing comes first, as Hangul of separate Jamo would be
   * spaces otherwise.
   */
  'kcbert-v1': [
    { type: 'NFC' },
    replace(`[^\\x00-\\x0A\\x0D-\\x1B\\x20-\\x7F·∼％ㄱ-ㅣ가-힣${KCBERT_EMOJI}]+`, ' '),
    replace(
      `https?://[${HOST}]{1,256}\\.[0-9A-Za-z()]{1,6}(?:(?<=[0-9A-Za-z])(?![${WORD}])|(?<=[()])(?=[${WORD}]))[${PATH}]*`,
      '',
    ),
    replace(`([${WORD}])\\1+(?=\\1\\1)`, ''),
  ],
} as const satisfies Record<string, readonly JsonObject[]>;

export type CleaningName = keyof typeof CLEANINGS;

export const CLEANING_NAMES = Object.keys(CLEANINGS) as CleaningName[];

/** The cleaning that a normalizer of a `tokenizer.json` begins with; null: none that is known. */
export function cleaningOf(normalizer: JsonObject | null): CleaningName | null {
  const steps = stepsOf(normalizer);
  const begins = (name: CleaningName) =>
    CLEANINGS[name].every((step, i) => JSON.stringify(step) === JSON.stringify(steps[i]));
  return CLEANING_NAMES.find(begins) ?? null;
}

/** The normalizer with this cleaning before it, or without any, in place of the one it has. */
export function withCleaning(
  normalizer: JsonObject | null,
  cleaning: CleaningName | null,
): JsonObject | null {
  const known = cleaningOf(normalizer);
  const own = stepsOf(normalizer).slice(known === null ? 0 : CLEANINGS[known].length);
  const steps = cleaning === null ? own : [...CLEANINGS[cleaning], ...own];
  if (steps.length < 2) return steps[0] ?? null;
  return { type: 'Sequence', normalizers: steps };
}

function stepsOf(normalizer: JsonObject | null): readonly JsonObject[] {
  if (normalizer === null) return [];
  return normalizer.type === 'Sequence' && Array.isArray(normalizer.normalizers)
    ? (normalizer.normalizers as JsonObject[])
    : [normalizer];
}
