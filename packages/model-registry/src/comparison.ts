/** `equal`: the difference is within the noise of the test set. */
export type Verdict = 'better' | 'equal' | 'worse' | 'not comparable';

/** Why there are no figures. */
export type Obstacle =
  | 'no champion'
  | 'is champion'
  | 'other labels'
  | 'other test set'
  | 'not judged'
  | 'unreadable';

/** Whether a model may take the place of another one, the champion. */
export interface Comparison {
  version: 1;
  /** null: there is no champion. */
  verdict: Verdict | null;
  /** Sentences; what decides comes first. */
  reasons: string[];
  challenger: Contestant;
  champion: Contestant | null;
  /** null: there is no champion, or nothing to compare by. */
  figures: Figures | null;
  /** Where there are figures: what is allowed, and which of it the challenger passes. */
  limits?: Limits | undefined;
  passed?: PassedLimits | undefined;
  /** Where there are none. */
  obstacle?: Obstacle | undefined;
}

export interface Contestant {
  /** null: not registered yet. */
  version: string | null;
  modelId: string | null;
  accuracy: number | null;
}

/** Differences are challenger − champion. */
export interface Figures {
  /** Texts that both were judged on. */
  rows: number;
  /** With Tango's interval of 95 %. */
  accuracy: { difference: number; low: number; high: number };
  /** Exact, two-sided. */
  mcnemar: { onlyChallengerRight: number; onlyChampionRight: number; p: number };
  /** Expected calibration errors; the interval of the difference is of 95 %. */
  calibration: {
    challenger: number;
    champion: number;
    difference: number;
    low: number;
    high: number;
  };
  /** The one that loses most; p is McNemar's, adjusted for the number of slices (Holm). */
  worstSlice: SliceLoss | null;
  /** Median milliseconds for one text; null: they were not measured side by side. */
  latency: { challenger: number; champion: number; ratio: number } | null;
}

/** Accuracies on the texts of a slice. */
export interface SliceLoss {
  name: string;
  rows: number;
  challenger: number;
  champion: number;
  difference: number;
  p: number;
}

/** How much worse a challenger may be in one respect and still not be the worse model. */
export interface Limits {
  /** Of the expected calibration error. */
  calibrationIncrease: number;
  /** Of the accuracy on any slice. */
  sliceDrop: number;
  /** Of the time for one text, as a factor; null: any. */
  slowdown: number | null;
}

export const DEFAULT_LIMITS: Limits = { calibrationIncrease: 0.02, sliceDrop: 0.02, slowdown: 2 };

/** The level of every test. */
export const LEVEL = 0.05;

/** Which limits the challenger passes. */
export interface PassedLimits {
  calibration: boolean;
  slice: boolean;
  latency: boolean;
}

/** The comparison of models that cannot be compared. */
export function notComparable(
  contestants: { challenger: Contestant; champion: Contestant },
  reason: string,
  obstacle: Obstacle,
): Comparison {
  return {
    version: 1,
    verdict: 'not comparable',
    reasons: [reason],
    ...contestants,
    figures: null,
    obstacle,
  };
}

/** The comparison where nothing is there to compare with. */
export function withoutChampion(
  challenger: Contestant,
  reason = 'No version is in Production to compare with: the threshold alone decides.',
  obstacle: Obstacle = 'no champion',
): Comparison {
  return {
    version: 1,
    verdict: null,
    reasons: [reason],
    challenger,
    champion: null,
    figures: null,
    obstacle,
  };
}
