import { Text } from '@mantine/core';
import { IntervalBars } from '../../charts/interval-bars.js';
import { useFormat, useText } from '../../text/language.js';
import type { ShownVersion } from './version-details.js';

/** Accuracy on parts of the test split. */
export function Slices({ evaluation }: { evaluation: NonNullable<ShownVersion['evaluation']> }) {
  const text = useText();
  const { percent } = useFormat();
  const rows = evaluation.slices.map(({ name, rows, metrics }) => ({
    name,
    rows,
    value: metrics.accuracy ?? 0,
    low: metrics.accuracy_low,
    high: metrics.accuracy_high,
  }));
  const label = rows.map(({ name, value }) => `${name} ${percent(value)}`).join(', ');
  return (
    <>
      <IntervalBars
        rows={rows}
        all={evaluation.metrics.accuracy}
        label={`${text.models.slices}: ${label}`}
        format={(share) => percent(share)}
      />
      <Text size="sm" c="dimmed">
        {text.models.slicesHelp}
      </Text>
    </>
  );
}
