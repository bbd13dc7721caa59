import { close, endsInConsonant } from './hangul.js';

/** How a review speaks: 좋다, 좋아요, 좋습니다, 좋아, 좋음. */
export type Style = 'plain' | 'polite' | 'formal' | 'casual' | 'note';

/**
 * A predicate ready to take endings.
 * - `adjective`: 좋다, 지루하다 (present plain 좋다, modifier 좋은)
 * - `verb`: 웃기다 (웃긴다, 웃기는)
 * - `existence`: 있다, 없다 (있다, but 있는데)
 * - `past`: any past stem (좋았다, 좋았는데)
 * - `copula`: a noun with 이다 (명작이다, 최고다); `stem` is then that noun
 */
export interface Predicate {
  kind: 'adjective' | 'verb' | 'existence' | 'past' | 'copula';
  /** What is left without -다: 좋, 지루하, 아름답. */
  stem: string;
  /** The -아/-어 form: 좋아, 지루해, 아름다워. Not used by the copula. */
  infinitive: string;
  /** The stem before -ㄴ, -ㄹ, -ㅁ where it changes: 아름다우 for 아름답. */
  openStem?: string;
}

function joined({ kind, stem }: Predicate): string {
  return kind === 'copula' && endsInConsonant(stem) ? `${stem}이` : stem;
}

/** Adds an ending with a linking vowel: 하 + ㄴ → 한, 좋 + 은 → 좋은, 아름다우 + ㄴ → 아름다운. */
function link(predicate: Predicate, final: string, closed: string): string {
  const stem = predicate.kind === 'copula' ? `${predicate.stem}이` : predicate.stem;
  const open = predicate.openStem ?? (endsInConsonant(stem) ? undefined : stem);
  return open === undefined ? stem + closed : close(open, final);
}

/** 좋다 → 좋았다. */
export function past(predicate: Predicate): Predicate {
  const base =
    predicate.kind === 'copula'
      ? predicate.stem + (endsInConsonant(predicate.stem) ? '이었' : '였')
      : close(predicate.infinitive, 'ㅆ');
  return { kind: 'past', stem: base, infinitive: `${base}어` };
}

/** 좋다 → 좋지 않다. */
export function longNegation(predicate: Predicate): Predicate {
  const stem = `${joined(predicate)}지 않`;
  const kind = predicate.kind === 'verb' ? 'verb' : 'adjective';
  return { kind, stem, infinitive: `${stem}아` };
}

/** 좋다 → 안 좋다. */
export function shortNegation(predicate: Predicate): Predicate {
  const { openStem } = predicate;
  return {
    kind: predicate.kind,
    stem: `안 ${predicate.stem}`,
    infinitive: `안 ${predicate.infinitive}`,
    ...(openStem !== undefined && { openStem: `안 ${openStem}` }),
  };
}

/** 좋다, 웃긴다, 명작이다. */
export function plain(predicate: Predicate): string {
  if (predicate.kind === 'verb') return `${link(predicate, 'ㄴ', '는')}다`;
  return `${joined(predicate)}다`;
}

function infinitive(predicate: Predicate, polite: boolean): string {
  if (predicate.kind !== 'copula') return predicate.infinitive + (polite ? '요' : '');
  const closed = endsInConsonant(predicate.stem);
  if (polite) return predicate.stem + (closed ? '이에요' : '예요');
  return predicate.stem + (closed ? '이야' : '야');
}

/** The ways a sentence may end in a style, the commonest first. */
export function sentenceEndings(predicate: Predicate, style: Style): string[] {
  const stem = joined(predicate);
  switch (style) {
    case 'plain':
      return [plain(predicate)];
    case 'polite':
      return [
        infinitive(predicate, true),
        `${stem}네요`,
        ...(predicate.kind === 'past' ? [] : [`${stem}더라고요`]),
      ];
    case 'formal':
      return [
        predicate.kind === 'copula'
          ? `${predicate.stem}입니다`
          : endsInConsonant(stem)
            ? `${stem}습니다`
            : `${close(stem, 'ㅂ')}니다`,
      ];
    case 'casual':
      return [
        infinitive(predicate, false),
        `${stem}네`,
        ...(predicate.kind === 'past' ? [] : [`${stem}더라`]),
      ];
    case 'note':
      return [link(predicate, 'ㅁ', '음')];
  }
}

/** 좋은데, 웃기는데, 있는데, 명작인데. */
export function circumstance(predicate: Predicate): string {
  if (predicate.kind === 'adjective' || predicate.kind === 'copula') {
    return `${link(predicate, 'ㄴ', '은')}데`;
  }
  return `${predicate.stem}는데`;
}

/** What gives way to the clause after it: 좋지만, 좋은데, 좋긴 하지만. */
export function concessions(predicate: Predicate): string[] {
  const stem = joined(predicate);
  return [`${stem}지만`, circumstance(predicate), `${stem}긴 한데`, `${stem}긴 하지만`];
}

/** The same of the past: 좋았지만, 좋았는데, 좋긴 했지만. */
export function pastConcessions(predicate: Predicate): string[] {
  const before = past(predicate);
  const stem = joined(predicate);
  return [`${before.stem}지만`, circumstance(before), `${stem}긴 했는데`, `${stem}긴 했지만`];
}

/** 좋고. */
export function listing(predicate: Predicate): string {
  return `${joined(predicate)}고`;
}

/** Before a noun: 좋은, 웃기는, 재미있는, 감동적인. */
export function modifier(predicate: Predicate): string {
  if (predicate.kind === 'adjective' || predicate.kind === 'copula') {
    return link(predicate, 'ㄴ', '은');
  }
  return `${predicate.stem}는`;
}

/** What is still to come: 좋을, 지루할, 아쉬울, 명작일. */
export function prospective(predicate: Predicate): string {
  return link(predicate, 'ㄹ', '을');
}

/** Before -고, -는, -던 of reported speech: 좋다, 웃긴다, 명작이라. */
export function quotation(predicate: Predicate): string {
  return predicate.kind === 'copula' ? `${joined(predicate)}라` : plain(predicate);
}
