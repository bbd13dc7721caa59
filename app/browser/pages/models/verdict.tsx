import { Badge, Group, List, Stack, Text } from '@mantine/core';
import { useText } from '../../text/language.js';
import type { useComparison } from './change-dialog.js';

type Comparison = NonNullable<ReturnType<typeof useComparison>['data']>;

const COLORS = {
  better: 'teal.9',
  equal: 'gray.7',
  worse: 'red.9',
  'not comparable': '#a63c06',
  none: 'gray.7',
} as const;

/** What the gate found, and why. */
export function Verdict({ comparison }: { comparison: Comparison }) {
  const text = useText();
  const { champion } = comparison;
  const translated = text.models.reasons(comparison);
  const reasons = translated ?? comparison.reasons;
  const verdict = comparison.verdict ?? 'none';
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge color={COLORS[verdict]} variant="filled" tt="none" size="lg">
          {text.models.verdicts[verdict]}
        </Badge>
        {champion?.version && <Text size="sm">{text.models.against(champion.version)}</Text>}
      </Group>
      <List size="sm" spacing={4} lang={translated ? undefined : 'en'}>
        {reasons.map((reason) => (
          <List.Item key={reason}>{reason}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
