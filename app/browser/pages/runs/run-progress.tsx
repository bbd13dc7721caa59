import { Progress, Stack, Text } from '@mantine/core';
import { useFormat, useText } from '../../text/language.js';
import type { ListedRun } from './runs-page.js';

const STAGES = ['fetch', 'train', 'eval', 'register'] as const;

type Run = Pick<ListedRun, 'status' | 'stage' | 'failedStage' | 'step' | 'steps' | 'gate'>;

/** How far a pipeline is: the stage in words, training as a bar. */
export function RunProgress({ run }: { run: Run }) {
  const text = useText();
  const { number } = useFormat();
  const { status, stage, failedStage, step, steps, gate } = run;
  const name = (one: string) => text.runs.stages[one as (typeof STAGES)[number]] ?? one;
  if (failedStage) return <Text size="sm">{text.runs.failedIn(name(failedStage))}</Text>;
  if (gate && stage === null) return <Text size="sm">{text.runs.gate[gate] ?? gate}</Text>;
  if (status !== 'RUNNING' || stage === null) return null;
  const known = stage === 'train' && step !== null && steps !== null;
  return (
    <Stack gap={4}>
      <Text size="sm">
        {name(stage)}
        {known && ` · ${text.runs.steps(number(step), number(steps))}`}
      </Text>
      {known && <Progress value={(100 * step) / steps} animated aria-label={name(stage)} />}
    </Stack>
  );
}
