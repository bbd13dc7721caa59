import { type Finding, finding, LIMITS, type Limits } from './checks.js';

/** Labels of the train split with less than a tenth of an even share. */
export function checkBalance(
  labels: ReadonlyMap<string, { rows: number }>,
  limits: Limits = LIMITS,
): Finding[] {
  const total = [...labels.values()].reduce((sum, { rows }) => sum + rows, 0);
  return [...labels]
    .filter(([, { rows }]) => rows < total / labels.size / 10)
    .map(([label, { rows }]) => {
      const say = (count: string) => `Only ${count} texts of train have the label "${label}".`;
      return finding('imbalanced', { rows, examples: [] }, total, say, limits);
    })
    .filter((each) => each !== undefined);
}
