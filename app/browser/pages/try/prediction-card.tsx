import { Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { StageBadge } from '../../stage-badge.js';
import { useFormat, useText } from '../../text/language.js';
import type { PredictAnswer } from './text-tab.js';

/** What one version says of a text. */
export function PredictionCard({ title, answer }: { title: string; answer: PredictAnswer }) {
  const text = useText();
  const { percent } = useFormat();
  const { model, predictions } = answer;
  const { label, score, probabilities } = predictions[0]!;
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {title}
          </Title>
          <Group gap="xs">
            <Text size="sm">{text.version(model.version)}</Text>
            <StageBadge stage={model.stage} />
          </Group>
        </Group>
        <Group align="baseline" gap="sm">
          <Text fz={32} fw={700} lh={1.1} data-testid="label">
            {label}
          </Text>
          <Text fz="xl">{percent(score)}</Text>
        </Group>
        {Object.entries(probabilities).map(([name, probability]) => (
          <Stack key={name} gap={2}>
            <Group justify="space-between">
              <Text size="sm">{name}</Text>
              <Text size="sm">{percent(probability)}</Text>
            </Group>
            <Progress
              value={100 * probability}
              color={name === label ? 'cyan' : 'gray.5'}
              aria-label={name}
            />
          </Stack>
        ))}
      </Stack>
    </Paper>
  );
}
