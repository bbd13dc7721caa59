import { withParticle } from '../korean/hangul.js';
import { Random } from '../random.js';
import {
  ACTORS,
  AFTER,
  BECAUSE,
  EVENTS,
  SETTINGS,
  SPEECH,
  TAILS,
  TOPICS,
  type Topic,
} from './lexicon.js';

export { TOPICS } from './lexicon.js';

/** A generated headline; `label` is the index of its topic. */
export interface Headline {
  id: string;
  text: string;
  label: number;
}

/** Changes with the generator: what it is called names the same headlines everywhere. */
export const TOPICS_REVISION = 'v1';

const SEED = 20261123;
const ROWS = { train: 14_000, test: 2100 };

/**
 * Share of headlines filed under another topic, as editors' mistakes are: no classifier can be right
 * more often than 1 - LABEL_NOISE.
 */
export const LABEL_NOISE = 0.04;

/** How the productions below are mixed. */
const MIX = { plain: 30, background: 28, cause: 20, onlooker: 14, instead: 8 };

/**
 * Writes headlines of a known topic. What is new decides the topic, not the words alone: what else is
 * going on, who looks on and what is behind it may be of any other topic.
 */
class Editor {
  constructor(private readonly random: Random) {}

  headline(topic: Topic): string {
    const text = this[this.random.weighted(MIX)](topic);
    return this.random.chance(0.06)
      ? `[${this.random.pick(['속보', '단독', '종합'])}] ${text}`
      : text;
  }

  /** 한국은행, 기준금리 동결 전망 */
  plain(topic: Topic): string {
    const news = this.#news(topic);
    if (this.random.chance(0.5)) return news;
    return `${this.random.pick(ACTORS[topic])}, ${news}`;
  }

  /** 달 탐사선 발사 연기 속 국정 지지율 하락 */
  background(topic: Topic): string {
    return `${this.#event(this.#other(topic))}${this.random.pick(AFTER)} ${this.#news(topic)}`;
  }

  /** 국정 지지율 하락…달 탐사선 발사 연기 여파 */
  cause(topic: Topic): string {
    const mark = this.random.pick(['…', ', ', ' - ']);
    return `${this.#news(topic)}${mark}${this.#event(this.#other(topic))}${this.random.pick(BECAUSE)}`;
  }

  /** 축구협회, 기준금리 동결에 "환영" */
  onlooker(topic: Topic): string {
    const actor = this.random.pick(ACTORS[this.#other(topic)]);
    return `${actor}, ${this.#event(topic)}에 ${this.random.pick(SPEECH)}`;
  }

  /** 영화제 개막 아닌 예산안 처리에 관심 / 영화제 개막보다 … */
  instead(topic: Topic): string {
    const other = this.#event(this.#other(topic));
    const news = this.#event(topic);
    return this.random.pick([
      `${other} 아닌 ${news}에 관심`,
      `${other}보다 ${withParticle(news, 'subject')} 화제`,
      `${withParticle(other, 'topic')} 뒷전, ${news}에 촉각`,
    ]);
  }

  #event(topic: Topic): string {
    const { subjects, actions } = this.random.pick(EVENTS[topic]);
    return `${this.random.pick(subjects)} ${this.random.pick(actions)}`;
  }

  #news(topic: Topic): string {
    const event = `${this.#event(topic)}${this.random.pick(TAILS)}`;
    return this.random.chance(0.3) ? `${this.random.pick(SETTINGS)} ${event}` : event;
  }

  #other(topic: Topic): Topic {
    return this.random.pick(TOPICS.filter((each) => each !== topic));
  }
}

/**
 * Korean headlines of our own making on seven topics, each as frequent: `train` and `test` splits in
 * which no text occurs twice. The same seed gives the same headlines on every machine.
 */
export function generateHeadlines(
  rows = ROWS,
  seed = SEED,
): { train: Headline[]; test: Headline[] } {
  const random = new Random(seed);
  const editor = new Editor(random);
  const seen = new Set<string>();
  const headlines: Headline[] = [];
  while (headlines.length < rows.train + rows.test) {
    const topic = random.integer(TOPICS.length);
    const text = editor.headline(TOPICS[topic]!);
    if (seen.has(text)) continue;
    seen.add(text);
    const shift = random.chance(LABEL_NOISE) ? 1 + random.integer(TOPICS.length - 1) : 0;
    const label = (topic + shift) % TOPICS.length;
    headlines.push({ id: `t${headlines.length}`, text, label });
  }
  return { train: headlines.slice(0, rows.train), test: headlines.slice(rows.train) };
}
