import {
  type Contestant,
  type Figures,
  LEVEL,
  type Limits,
  type PassedLimits,
} from './comparison.js';

interface Facts {
  figures: Figures;
  passed: PassedLimits;
  limits: Limits;
}

/** What the verdict rests on, in sentences: what makes the challenger worse comes first. */
export function explain(
  { challenger, champion }: { challenger: Contestant; champion: Contestant },
  { figures, passed, limits }: Facts,
): string[] {
  const name = challenger.version === null ? 'The new model' : `Version ${challenger.version}`;
  const other = `version ${champion.version}`;
  const { rows, accuracy, mcnemar, calibration, worstSlice, latency } = figures;
  const sureness =
    mcnemar.p >= LEVEL
      ? 'which is within the noise'
      : accuracy.difference > 0
        ? 'which is better than chance'
        : 'which is worse than chance';
  const onAccuracy =
    `${name} has ${points(accuracy.difference)} points of accuracy against ${other} on the same ${rows} texts ` +
    `(95 %: ${points(accuracy.low)} to ${points(accuracy.high)}), ${sureness} (McNemar p = ${chance(mcnemar.p)}).`;

  const beyond: string[] = [];
  if (passed.calibration) {
    beyond.push(
      `Its probabilities are less reliable: calibration error ${calibration.challenger.toFixed(4)}, that of ${other} ${calibration.champion.toFixed(4)}; ${limits.calibrationIncrease} more are allowed.`,
    );
  }
  if (passed.slice && worstSlice) {
    beyond.push(
      `On the slice "${worstSlice.name}" (${worstSlice.rows} texts) it loses ${(-100 * worstSlice.difference).toFixed(2)} points (p = ${chance(worstSlice.p)}); ${Number((100 * limits.sliceDrop).toFixed(2))} points are allowed.`,
    );
  }
  if (passed.latency && latency) {
    beyond.push(
      `One text takes ${latency.challenger.toFixed(1)} ms, ${latency.ratio.toFixed(1)} times as long as with ${other} (${latency.champion.toFixed(1)} ms); ${limits.slowdown} times are allowed.`,
    );
  }
  const isLessAccurate = mcnemar.p < LEVEL && accuracy.difference < 0;
  if (isLessAccurate) return [onAccuracy, ...beyond];
  if (beyond.length > 0) return [...beyond, onAccuracy];
  return [
    onAccuracy,
    latency
      ? `Calibration, slices and latency (${latency.challenger.toFixed(1)} ms a text, ${other} ${latency.champion.toFixed(1)} ms) are within their limits.`
      : 'Calibration and slices are within their limits; latency was not measured side by side.',
  ];
}

/** With its sign: `+1.20`. */
function points(share: number): string {
  const value = (100 * share).toFixed(2);
  return share > 0 ? `+${value}` : value;
}

function chance(p: number): string {
  return p < 0.001 ? p.toExponential(0) : p.toFixed(3);
}
