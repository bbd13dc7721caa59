import { type Observation, percent } from './checks.js';

/**
 * Labels of the train split that have less than half of an even share. The value is how far below
 * that they are: 0 is even, 1 is none at all.
 */
export function checkBalance(labels: ReadonlyMap<string, { rows: number }>): Observation[] {
  const total = [...labels.values()].reduce((sum, { rows }) => sum + rows, 0);
  return [...labels].flatMap(([label, { rows }]): Observation[] => {
    const value = 1 - (rows / total) * labels.size;
    if (value < 0.5) return [];
    const share = `${rows.toLocaleString('en-US')} (${percent(rows / total)})`;
    const message = `Only ${share} texts of train have the label "${label}"; an even share were ${percent(1 / labels.size)}.`;
    return [{ check: 'imbalanced', value, count: rows, message, examples: [] }];
  });
}
