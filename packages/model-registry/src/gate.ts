export interface Gate {
  passed: boolean;
  /** The verdict in words, with the figures that it rests on. */
  reason: string;
}

/** A model may be registered only if its accuracy on the test split reaches the threshold. */
export function checkGate({ accuracy, threshold }: { accuracy: number; threshold: number }): Gate {
  const passed = accuracy >= threshold;
  const verdict = passed ? 'reaches' : 'is below';
  return {
    passed,
    reason: `Accuracy ${figure(accuracy)} ${verdict} the threshold ${figure(threshold)}.`,
  };
}

/** Four digits, and never rounded up to a threshold that was not reached. */
function figure(share: number): string {
  return (Math.floor(share * 10_000 + 1e-9) / 10_000).toFixed(4);
}
