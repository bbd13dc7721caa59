import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ACTORS, EVENTS } from '../fetch/topics/lexicon.js';
import { generateHeadlines, LABEL_NOISE, TOPICS } from '../fetch/topics/topics.js';

const { train, test } = generateHeadlines();
const all = [...train, ...test];

describe('the generated headlines', () => {
  it('are the same for the same seed, and others for another', () => {
    const digest = createHash('sha256').update(JSON.stringify({ train, test })).digest('hex');
    expect(digest).toBe('f40528a6b44fbfe1ad5e8f59eb02e26601db72eeb4230d5c8ad6d74772eb5a23');
    const few = { train: 50, test: 10 };
    expect(generateHeadlines(few, 7)).not.toEqual(generateHeadlines(few, 8));
  });

  it('hold no text twice, so that none of the test split is in the train split', () => {
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
  });

  it('have seven labels, each as frequent', () => {
    for (const label of TOPICS.keys()) {
      const share = train.filter((each) => each.label === label).length / train.length;
      expect(share).toBeCloseTo(1 / 7, 1);
    }
  });

  it('often name an event of another topic, which their words alone do not tell apart', () => {
    const subjects = TOPICS.map((topic) => EVENTS[topic].flatMap((events) => events.subjects));
    const named = (text: string) =>
      subjects.filter((of) => of.some((subject) => text.includes(subject))).length;
    const several = all.filter(({ text }) => named(text) > 1).length / all.length;
    expect(several).toBeGreaterThan(0.4);
  });

  it('carry the wrong label now and then', () => {
    // What opens a plain headline of this form is an actor and an event of the same topic.
    const own = all.flatMap(({ text, label }) => {
      const topic = TOPICS.findIndex((each) =>
        ACTORS[each].some((actor) =>
          EVENTS[each].some(({ subjects }) =>
            subjects.some((subject) => text.startsWith(`${actor}, ${subject}`)),
          ),
        ),
      );
      return topic === -1 || /에 |…| - |보다|아닌/.test(text) ? [] : [topic === label];
    });
    expect(own.length).toBeGreaterThan(500);
    const wrong = own.filter((isRight) => !isRight).length / own.length;
    expect(Math.abs(wrong - LABEL_NOISE)).toBeLessThan(0.03);
  });

  it('are written in composed Hangul', () => {
    for (const { text } of all) expect(text).toBe(text.normalize('NFC'));
  });
});
