import { type Observation, observe, Tally } from './checks.js';
import { TextIndex } from './text-index.js';

/** What a wrong conversion leaves: the replacement character, and C1 controls, which no text has. */
const DAMAGE = /[\uFFFD\u0080-\u0084\u0086-\u009F]/;
/** Jamo that composition (NFC) has left over: a consonant or vowel of no syllable. */
const LOOSE_JAMO = /[\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF]/;

/** The order in which the splits come: a test text is compared with those of train. */
const ORDER = { train: 0, dev: 1, test: 2 };

/** A row as the first pass over the data meets it. */
export interface CheckedRow {
  split: keyof typeof ORDER;
  raw: string;
  /** As the splits will have it. A row without text or label is left out. */
  text: string;
  label: string;
  /** `file:line`. */
  where: () => string;
}

/** Looks at every text once, the train split first. Memory does not grow with their number. */
export class TextChecks {
  readonly #index = new TextIndex();
  readonly #labelIds = new Map<string, number>();
  readonly #rows = { train: 0, dev: 0, test: 0 };
  readonly #empty = new Tally();
  readonly #unlabeled = new Tally();
  readonly #decomposed = new Tally();
  readonly #damaged = new Tally();
  readonly #looseJamo = new Tally();
  readonly #duplicated = new Tally();
  readonly #conflicting = new Tally();
  readonly #leaked = { dev: new Tally(), test: new Tally() };

  add({ split, raw, text, label, where }: CheckedRow): void {
    this.#rows[split]++;
    if (text === '') {
      this.#empty.add(where);
      return;
    }
    if (label === '') {
      this.#unlabeled.add(where);
      return;
    }
    if (text !== raw.trim()) this.#decomposed.add(where);
    if (DAMAGE.test(text)) this.#damaged.add(where);
    if (LOOSE_JAMO.test(text)) this.#looseJamo.add(where);
    this.#compare(split, text, label, where);
  }

  #compare(split: CheckedRow['split'], text: string, label: string, where: () => string): void {
    const id = this.#labelIds.get(label) ?? this.#labelIds.size;
    this.#labelIds.set(label, id);
    const seen = this.#index.add(text, ORDER[split], id);
    if (typeof seen === 'string') return;
    if (seen.split === ORDER[split]) this.#duplicated.add(where);
    else if (seen.split === ORDER.train && split !== 'train') this.#leaked[split].add(where);
    if (seen.label !== id) this.#conflicting.add(where);
  }

  /** What was seen in the rows added. */
  observations(): Observation[] {
    const { train, dev, test } = this.#rows;
    const all = train + dev + test;
    const { scale } = this.#index;
    const about = scale > 1 ? 'about ' : '';
    const estimate = ({ rows, examples }: Tally) => ({ rows: rows * scale, examples });
    return [
      ...observe('empty', this.#empty, all, (n) => `${n} rows without a text are left out.`),
      ...observe(
        'unlabeled',
        this.#unlabeled,
        all,
        (n) => `${n} rows have a text but no label; they are left out.`,
      ),
      ...observe(
        'decomposed',
        this.#decomposed,
        all,
        (n) => `${n} texts were in decomposed form (NFD); they are composed now.`,
      ),
      ...observe(
        'damaged',
        this.#damaged,
        all,
        (n) => `${n} texts have characters that a wrong conversion leaves, such as \uFFFD.`,
      ),
      ...observe(
        'broken_jamo',
        this.#looseJamo,
        all,
        (n) => `${n} texts have Hangul jamo that form no syllable.`,
      ),
      ...observe(
        'duplicated',
        estimate(this.#duplicated),
        all,
        (n) => `${about}${n} texts are copies of another in the same split.`,
      ),
      ...observe(
        'conflicting',
        estimate(this.#conflicting),
        all,
        (n) => `${about}${n} texts came before with another label.`,
      ),
      ...(['dev', 'test'] as const).flatMap((split) =>
        observe(
          'leaked',
          estimate(this.#leaked[split]),
          this.#rows[split],
          (n) =>
            `${about}${n} texts of ${split} are in train too: its figures will look better than they are.`,
        ),
      ),
    ];
  }
}
