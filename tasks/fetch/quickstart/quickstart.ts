import { Random } from '../random.js';
import { opposite, type Polarity, Reviewer } from './grammar.js';
import { MISSPELLINGS, SIGNS } from './lexicon.js';

/** A generated review; `label` is 0 for negative and 1 for positive, as in NSMC. */
export interface Review {
  id: string;
  text: string;
  label: 0 | 1;
}

export const QUICKSTART_LABELS = ['negative', 'positive'];

/** Changes with the generator: what it is called names the same reviews everywhere. */
export const QUICKSTART_REVISION = 'v2';

const SEED = 20261123;
const ROWS = { train: 20_000, test: 2000 };

/**
 * Share of reviews that carry the other label, as raters' mistakes do: no classifier can be right
 * more often than 1 - LABEL_NOISE.
 */
export const LABEL_NOISE = 0.04;

const STYLES = { plain: 30, polite: 25, formal: 8, casual: 20, note: 17 };

/** Slips of the keyboard: a misspelling throughout the review (재밌어 → 잼있어), lost spaces. */
function mistype(text: string, random: Random): string {
  let typed = text;
  if (random.chance(0.25)) typed = typed.replaceAll(...random.pick(MISSPELLINGS));
  while (random.chance(0.12)) {
    const spaces = [...typed.matchAll(/ /g)].map((match) => match.index);
    if (spaces.length === 0) break;
    const at = random.pick(spaces);
    typed = typed.slice(0, at) + typed.slice(at + 1);
  }
  return typed;
}

function decorate(text: string, polarity: Polarity, random: Random): string {
  const stop = random.weighted({ '': 45, '.': 36, '!': 5, '!!': 2, '..': 6, '...': 4, '~': 2 });
  if (!random.chance(0.35)) return text + stop;
  const kind = random.weighted({ either: 60, [polarity]: 32, [opposite(polarity)]: 8 });
  return `${text}${stop}${random.chance(0.6) ? ' ' : ''}${random.pick(SIGNS[kind as keyof typeof SIGNS])}`;
}

/**
 * Korean film reviews of our own making, half of them positive: `train` and `test` splits in which
 * no text occurs twice. The same seed gives the same reviews on every machine.
 */
export function generateReviews(rows = ROWS, seed = SEED): { train: Review[]; test: Review[] } {
  const random = new Random(seed);
  const seen = new Set<string>();
  const reviews: Review[] = [];
  while (reviews.length < rows.train + rows.test) {
    const polarity = random.chance(0.5) ? 'positive' : 'negative';
    const reviewer = new Reviewer(random, random.weighted(STYLES));
    const text = decorate(mistype(reviewer.review(polarity), random), polarity, random);
    if (seen.has(text)) continue;
    seen.add(text);
    const rated = random.chance(LABEL_NOISE) ? opposite(polarity) : polarity;
    reviews.push({ id: `q${reviews.length}`, text, label: rated === 'positive' ? 1 : 0 });
  }
  return { train: reviews.slice(0, rows.train), test: reviews.slice(rows.train) };
}
