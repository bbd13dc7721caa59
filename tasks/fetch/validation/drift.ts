import type { Observation } from './checks.js';
import type { Profile } from './profile.js';

/** Population stability index of each aspect; 0 where nothing differs. */
export interface Drift {
  labels: number;
  lengths: number;
  characters: number;
}

/** A share of nothing counts as this much, or the index were infinite. */
const LEAST = 1e-4;

/**
 * Population stability index of two distributions over the same bins: Σ (a − e) ln(a / e) with
 * their shares e and a, which is the sum of both Kullback–Leibler divergences. Under 0.1 is usually
 * called no difference, over 0.25 a large one (Siddiqi, Credit Risk Scorecards, 2006).
 *
 * @param expected counts by bin
 * @param actual counts by bin
 */
export function stabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => Math.max(count / Math.max(total, 1), LEAST));
  };
  const [e, a] = [shares(expected), shares(actual)];
  return e.reduce((sum, share, bin) => sum + (a[bin]! - share) * Math.log(a[bin]! / share), 0);
}

/** How far these data are from those of another model. */
export function driftFrom(before: Profile, now: Profile): Drift {
  const names = [...new Set([...Object.keys(before.labels), ...Object.keys(now.labels)])];
  const labels = (profile: Profile) => names.map((name) => profile.labels[name] ?? 0);
  return {
    labels: stabilityIndex(labels(before), labels(now)),
    lengths: stabilityIndex(before.lengths, now.lengths),
    characters: stabilityIndex(...characterCounts(before, now)),
  };
}

/** Characters compared one by one. */
const COMMONEST = 200;

/** Over the commonest characters of both; all others are one bin. */
function characterCounts(before: Profile, now: Profile): [number[], number[]] {
  const commonest = ({ characters }: Profile) => Object.keys(characters).slice(0, COMMONEST);
  const common = [...new Set([...commonest(before), ...commonest(now)])];
  const counts = ({ characters, all_characters }: Profile) => {
    const kept = common.map((each) => characters[each] ?? 0);
    return [...kept, all_characters - kept.reduce((sum, count) => sum + count, 0)];
  };
  return [counts(before), counts(now)];
}

const ASPECTS: Record<keyof Drift, string> = {
  labels: 'The shares of the labels',
  lengths: 'The lengths of the texts',
  characters: 'The characters of the texts',
};

/** From here on a difference is worth a note. */
const NOTEWORTHY = 0.01;

/** @param champion what the data are compared with, such as `korean-sentiment 3` */
export function checkDrift(drift: Drift, now: Profile, champion: string): Observation[] {
  return (Object.keys(ASPECTS) as (keyof Drift)[])
    .filter((aspect) => drift[aspect] >= NOTEWORTHY)
    .map((aspect) => ({
      check: 'drift' as const,
      value: drift[aspect],
      count: now.texts,
      message: `${ASPECTS[aspect]} differ from those that ${champion}, in Production, was trained on: population stability index ${drift[aspect].toFixed(3)}.`,
      examples: [],
    }));
}
