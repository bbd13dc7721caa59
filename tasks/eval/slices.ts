import { predictedLabel } from 'model-registry';
import type { Prediction } from './predict.js';
import { type Estimate, wilson } from './wilson.js';

/** The accuracy on the rows that have something in common. A row may be in several slices. */
export interface Slice {
  /** What the rows share, e.g. `length 11-20`; letters, digits, spaces and dashes only. */
  readonly name: string;
  readonly rows: number;
  readonly accuracy: Estimate;
}

/**
 * 안 and 못 begin and end many words that deny nothing (안녕, 불안하다, 잘못, 못생긴), and reviews often
 * leave out the space after them; so these name the verbs that they are mostly written together with.
 */
const negations = [
  /[않없]/u,
  /(?:^|\s)안\s/u,
  /안(?:[되된될됨됩됐돼맞본볼봐봤]|나[오온옴와])/u,
  /(?<![미편불평위제고동])안[하한할함합했해]/u,
  /(?<!잘)못(?![나난생되된])/u,
];

const characters = (text: string) => [...text].length;

/** Lengths are in characters (Unicode code points) of the whole review. */
const tests: Record<string, (text: string) => boolean> = {
  'length 1-10': (text) => characters(text) <= 10,
  'length 11-20': (text) => characters(text) > 10 && characters(text) <= 20,
  'length 21-40': (text) => characters(text) > 20 && characters(text) <= 40,
  'length 41-80': (text) => characters(text) > 40 && characters(text) <= 80,
  'length 81 and more': (text) => characters(text) > 80,
  laughter: matches(/[ㅋㅎ]{2}/u),
  crying: matches(/[ㅠㅜ]{2}/u),
  emoji: matches(/\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|♥/u),
  negation: (text) => negations.some((pattern) => pattern.test(text)),
};

function matches(pattern: RegExp) {
  return (text: string) => pattern.test(text);
}

/** The names of the slices that a review is in. */
export function slicesOf(text: string): string[] {
  return Object.keys(tests).filter((name) => tests[name]!(text));
}

/**
 * Accuracy, with Wilson's interval, by length of the review, laughter (ㅋㅋ, ㅎㅎ), crying (ㅠㅠ, ㅜㅜ),
 * emoji and negation (안, 못, -지 않다, 없다). Slices without rows are left out.
 */
export function slices(predictions: readonly Prediction[]): Slice[] {
  return Object.entries(tests).flatMap(([name, test]) => {
    const inside = predictions.filter(({ text }) => test(text));
    if (inside.length === 0) return [];
    const hits = inside.filter((row) => predictedLabel(row) === row.label).length;
    return [{ name, rows: inside.length, accuracy: wilson(hits, inside.length) }];
  });
}
