import {
  concessions,
  listing,
  longNegation,
  modifier,
  type Predicate,
  past,
  pastConcessions,
  prospective,
  quotation,
  type Style,
  sentenceEndings,
  shortNegation,
} from '../korean/conjugation.js';
import { type Particle, withParticle } from '../korean/hangul.js';
import type { Random } from '../random.js';
import {
  ADVERBS,
  ASPECTS,
  type Aspect,
  BLAME,
  CLOSERS,
  DELIGHT,
  DISMAY,
  type Judgment,
  OPENERS,
  OTHERS,
  PRAISE,
} from './lexicon.js';

export type Polarity = 'positive' | 'negative';

export const opposite = (polarity: Polarity): Polarity =>
  polarity === 'positive' ? 'negative' : 'positive';

/** How the productions below are mixed. */
const MIX = {
  judgment: 18,
  judgments: 10,
  contrast: 22,
  turn: 8,
  reaction: 8,
  hearsay: 10,
  expectation: 8,
  doubt: 7,
  exception: 4,
  epithet: 5,
};

/** Predicates that end set phrases; already in the tense they need. */
const ending = (stem: string): Predicate => ({ kind: 'past', stem, infinitive: `${stem}어` });

/** An aspect and what is said of it: `스토리`, `전혀`, `지루하지 않`. */
interface Clause {
  noun: string;
  adverb: string;
  predicate: Predicate;
}

/**
 * Writes reviews of a known polarity. What a review says is decided by its structure, not by its
 * words: negation turns a predicate around, and of two clauses in contrast the latter decides, so
 * that the words of praise and of blame both occur in both classes.
 */
export class Reviewer {
  readonly #random: Random;
  readonly #style: Style;
  readonly #isPast: boolean;

  constructor(random: Random, style: Style) {
    this.#random = random;
    this.#style = style;
    this.#isPast = random.chance(0.6);
  }

  review(polarity: Polarity): string {
    const body = this[this.#random.weighted(MIX)](polarity);
    const opened = this.#random.chance(0.22) ? `${this.#random.pick(OPENERS)} ${body}` : body;
    if (!this.#random.chance(0.16)) return opened;
    const kind = this.#random.chance(0.5) ? polarity : 'neutral';
    return `${opened}. ${this.#random.pick(CLOSERS[kind][this.#style])}`;
  }

  /** 연기가 정말 훌륭했다. / 전개는 전혀 지루하지 않았다. */
  judgment(polarity: Polarity): string {
    return this.#sentence(this.#clause(polarity), this.#random.pick(['subject', 'topic'] as const));
  }

  /** 음악도 좋고 연기도 자연스러웠다. */
  judgments(polarity: Polarity): string {
    const [first, second] = this.#clauses(polarity, polarity);
    const particle = this.#random.pick(['also', 'subject'] as const);
    return `${this.#subject(first, particle)}${listing(this.#tensed(first.predicate))} ${this.#sentence(second, particle)}`;
  }

  /** 음악은 좋지만 스토리가 뻔했다. / 영상은 화려했는데 볼 게 없었다. */
  contrast(polarity: Polarity): string {
    const [yielding, deciding] = this.#clauses(opposite(polarity), polarity);
    const forms = this.#isPast ? pastConcessions : concessions;
    const concession = `${this.#subject(yielding, 'topic')}${this.#common(forms(yielding.predicate))}`;
    return `${concession} ${this.#verdict(polarity, deciding)}`;
  }

  /** 연기는 좋았다. 그런데 스토리가 너무 뻔했다. */
  turn(polarity: Polarity): string {
    const [yielding, deciding] = this.#clauses(opposite(polarity), polarity);
    const but = this.#random.pick(['그런데', '하지만', '그래도', '다만']);
    return `${this.#sentence(yielding, 'topic')}. ${but} ${this.#verdict(polarity, deciding)}`;
  }

  /** 지루할 틈이 없었다. / 집중이 안 됐다. */
  reaction(polarity: Polarity): string {
    const reaction = this.#ended(this.#random.pick(REACTIONS[polarity]));
    if (this.#random.chance(0.5)) return reaction;
    return `${this.#random.pick(['솔직히', '보는 내내', '개인적으로', '끝날 때까지'])} ${reaction}`;
  }

  /** 다들 재미있다고 하던데 나한테는 지루했다. */
  hearsay(polarity: Polarity): string {
    const heard = this.#random.chance(0.75) ? opposite(polarity) : polarity;
    const [theirs, own] = this.#clauses(heard, polarity);
    const said = `${this.#random.pick(OTHERS)} ${this.#subject(theirs, 'subject')}${quotation(theirs.predicate)}`;
    const turn = this.#random.pick(['고 하던데', '고 하는데', '길래 봤는데', '고 해서 봤는데']);
    return `${said}${turn} ${this.#verdict(polarity, own)}`;
  }

  /** 지루할 줄 알았는데 전혀 아니었다. / 재미있을 줄 알았는데 역시 그랬다. */
  expectation(polarity: Polarity): string {
    const [kept, broken] = [
      ['역시 그랬', '정말 그랬', '예상대로였'],
      ['전혀 아니었', '그렇지 않았', '완전히 반대였', '착각이었'],
    ] as const;
    const isKept = this.#random.chance(0.35);
    const clause = this.#clause(isKept ? polarity : opposite(polarity));
    const expected = `${this.#subject(clause, 'subject')}${prospective(clause.predicate)} 줄 알았는데`;
    return `${expected} ${this.#say(ending(this.#random.pick(isKept ? kept : broken)))}`;
  }

  /** 왜 다들 지루하다고 하는지 모르겠다. / 재미있다는 말에 속았다. / 이게 재미있다고? */
  doubt(polarity: Polarity): string {
    const agrees = this.#random.chance(0.4);
    const clause = this.#clause(agrees ? polarity : opposite(polarity));
    const quoted = `${this.#subject(clause, 'subject')}${quotation(clause.predicate)}`;
    const [whether, friend] = agrees ? ['알겠', '맞았'] : ['모르겠', '틀렸'];
    const forms = [
      `왜 ${this.#random.pick(OTHERS)} ${quoted}고 하는지 ${this.#say(ending(whether))}`,
      `${quoted}던 친구 말이 ${this.#say(ending(friend))}`,
      `${quoted}는 평은 ${this.#say(ending(agrees ? '사실이었' : '믿을 게 못 됐'))}`,
    ];
    if (!agrees)
      forms.push(`${quoted}고? ${this.#random.pick(['글쎄', '설마', '나만 다른 걸 봤나'])}`);
    return this.#random.pick(forms);
  }

  /** 결말만 빼면 완벽했다. / 음악 말고는 볼 게 없었다. */
  exception(polarity: Polarity): string {
    const excepted = this.#random.pick(ASPECTS[this.#aspect()]);
    const but = this.#random.pick(['만 빼면', ' 말고는', ' 하나 빼고는']);
    return `${excepted}${but} ${this.#ended(this.#random.pick(REACTIONS[polarity]))}`;
  }

  /** 이렇게 지루한 영화는 처음이다. / 뻔하지 않은 결말 덕분에 끝까지 봤다. */
  epithet(polarity: Polarity): string {
    const { noun: named, predicate } = this.#clause(polarity);
    const noun = named.replace('이 ', '');
    const judged = modifier(predicate);
    const thanks = polarity === 'positive' ? '덕분에 끝까지 봤' : '때문에 끝까지 못 봤';
    return this.#random.pick([
      `이렇게 ${judged} ${withParticle(noun, 'topic')} ${this.#ended({ kind: 'copula', stem: '처음', infinitive: '' })}`,
      `${judged} ${noun} ${this.#say(ending(thanks))}`,
      `${judged} ${noun}, ${this.#verdict(polarity, this.#clause(polarity))}`,
    ]);
  }

  #aspect(): Aspect {
    return this.#random.pick(Object.keys(ASPECTS) as Aspect[]);
  }

  /** Something said of an aspect, in three of ten cases by negating its opposite. */
  #clause(polarity: Polarity, aspect: Aspect = this.#aspect()): Clause {
    const random = this.#random;
    const noun = random.pick(ASPECTS[aspect]);
    const about = (judgment: Judgment) => judgment.of === 'all' || judgment.of.includes(aspect);
    if (random.chance(0.35)) {
      const judgment = random.pick(
        JUDGMENTS[opposite(polarity)].filter((each) => each.negation && about(each)),
      );
      const isShort = judgment.negation === 'both' && random.chance(0.5);
      const predicate = isShort ? shortNegation(judgment) : longNegation(judgment);
      return { noun, predicate, adverb: random.chance(0.4) ? random.pick(ADVERBS.negation) : '' };
    }
    const predicate = random.pick(JUDGMENTS[polarity].filter(about));
    return { noun, predicate, adverb: random.chance(0.4) ? this.#degree(predicate, polarity) : '' };
  }

  #degree({ absolute }: Judgment, polarity: Polarity): string {
    if (absolute) return this.#random.pick(ADVERBS.absolute);
    if (polarity === 'negative' && this.#random.chance(0.3))
      return this.#random.pick(ADVERBS.blame);
    return this.#random.pick(ADVERBS.any);
  }

  /** Two clauses on different aspects. */
  #clauses(first: Polarity, second: Polarity): [Clause, Clause] {
    const one = this.#aspect();
    let other = this.#aspect();
    while (other === one) other = this.#aspect();
    return [this.#clause(first, one), this.#clause(second, other)];
  }

  #verdict(polarity: Polarity, clause: Clause): string {
    if (this.#random.chance(0.3)) return this.#ended(this.#random.pick(REACTIONS[polarity]));
    return this.#sentence(clause, this.#random.pick(['subject', 'topic'] as const));
  }

  #subject({ noun, adverb }: Clause, particle: Particle): string {
    return `${withParticle(noun, particle)} ${adverb}${adverb && ' '}`;
  }

  #sentence(clause: Clause, particle: Particle): string {
    return `${this.#subject(clause, particle)}${this.#ended(clause.predicate)}`;
  }

  #tensed(predicate: Predicate): Predicate {
    return this.#isPast ? past(predicate) : predicate;
  }

  #ended(predicate: Predicate): string {
    return this.#say(this.#tensed(predicate));
  }

  #say(predicate: Predicate): string {
    return this.#common(sentenceEndings(predicate, this.#style));
  }

  /** One of several forms, the first in half of the cases. */
  #common(forms: readonly string[]): string {
    return this.#random.chance(0.5) ? forms[0]! : this.#random.pick(forms);
  }
}

const JUDGMENTS = { positive: PRAISE, negative: BLAME } as const;
const REACTIONS = { positive: DELIGHT, negative: DISMAY } as const;
