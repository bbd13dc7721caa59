import type { Comparison } from './comparison.js';

/** What a comparison with the champion has to come to. */
export type Requirement = 'any' | 'not worse' | 'better';

export interface Gate {
  passed: boolean;
  /** Why, in words, with the figures that it rests on. */
  reason: string;
}

/**
 * A model may be registered only if its accuracy on the test split reaches the threshold, and its
 * comparison with the champion is what is required.
 */
export function checkGate({
  accuracy,
  threshold,
  comparison,
  requirement = 'any',
}: {
  accuracy: number;
  threshold: number;
  comparison?: Comparison | undefined;
  requirement?: Requirement | undefined;
}): Gate {
  const reached = accuracy >= threshold;
  const onThreshold = `Accuracy ${figure(accuracy)} ${reached ? 'reaches' : 'is below'} the threshold ${figure(threshold)}.`;
  if (!reached || !comparison || meets(comparison, requirement)) {
    return { passed: reached, reason: onThreshold };
  }
  return {
    passed: false,
    reason: `${onThreshold} But ${unmet(comparison, requirement)}`,
  };
}

/**
 * Whether a comparison is what is required. Without a champion everything is; what is not comparable
 * meets only `any`.
 */
export function meets({ verdict }: Comparison, requirement: Requirement): boolean {
  if (verdict === null || requirement === 'any') return true;
  return verdict === 'better' || (verdict === 'equal' && requirement === 'not worse');
}

/** Which requirement a comparison does not meet, and why, as sentences. */
export function unmet(
  { verdict, champion, reasons }: Comparison,
  requirement: Requirement,
): string {
  const what = requirement === 'better' ? 'must be better' : 'must not be worse';
  return `it ${what} than version ${champion?.version} in Production, and is ${verdict}. ${reasons.join(' ')}`;
}

/** Four digits, and never rounded up to a threshold that was not reached. */
function figure(share: number): string {
  return (Math.floor(share * 10_000 + 1e-9) / 10_000).toFixed(4);
}
