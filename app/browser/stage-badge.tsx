import { Badge } from '@mantine/core';
import { useText } from './text/language.js';

const COLORS = {
  Production: 'teal.9',
  Staging: 'indigo.8',
  None: 'gray.7',
  Archived: 'gray.8',
} as const;

export type StageName = keyof typeof COLORS;

/** A stage, by name and color. */
export function StageBadge({ stage }: { stage: StageName }) {
  const text = useText();
  return (
    <Badge color={COLORS[stage]} variant="filled" tt="none">
      {text.stages[stage]}
    </Badge>
  );
}
