/**
 * Hangul syllables by their parts. A precomposed syllable is
 * 0xAC00 + (initial × 21 + vowel) × 28 + final (Unicode 3.12, Conjoining Jamo Behavior).
 */
const FIRST = 0xac00;
const LAST = 0xd7a3;
const FINALS = ' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
const VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ';

export interface Syllable {
  initial: number;
  vowel: string;
  /** A compatibility jamo, or a space for an open syllable. */
  final: string;
}

/** The parts of a precomposed syllable; undefined for any other character. */
export function decompose(character: string): Syllable | undefined {
  const code = character.charCodeAt(0);
  if (code < FIRST || code > LAST) return undefined;
  const index = code - FIRST;
  return {
    initial: Math.floor(index / 588),
    vowel: VOWELS[Math.floor(index / 28) % 21]!,
    final: FINALS[index % 28]!,
  };
}

export function compose({ initial, vowel, final }: Syllable): string {
  const index = (initial * 21 + VOWELS.indexOf(vowel)) * 28 + FINALS.indexOf(final);
  return String.fromCharCode(FIRST + index);
}

/** Whether the last syllable is closed by a consonant (받침). */
export function endsInConsonant(word: string): boolean {
  const syllable = decompose(word.at(-1) ?? '');
  return syllable !== undefined && syllable.final !== ' ';
}

/** Closes the last, open syllable: `하` + `ㄴ` → `한`. */
export function close(word: string, final: string): string {
  const syllable = decompose(word.at(-1) ?? '');
  if (syllable?.final !== ' ') throw new Error(`"${word}" does not end in an open syllable`);
  return word.slice(0, -1) + compose({ ...syllable, final });
}

/** The particles that change with the final consonant of the word before. */
const PARTICLES = {
  subject: ['이', '가'],
  topic: ['은', '는'],
  object: ['을', '를'],
  with: ['과', '와'],
} as const;

export type Particle = keyof typeof PARTICLES | 'also';

/** `스토리` + topic → `스토리는`, `음악` + topic → `음악은`. */
export function withParticle(noun: string, particle: Particle): string {
  if (particle === 'also') return `${noun}도`;
  return noun + PARTICLES[particle][endsInConsonant(noun) ? 0 : 1];
}
