import { Badge, Button, Group, Loader, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useFormat, useText } from '../../text/language.js';
import { RunDetails } from './run-details.js';
import { RunProgress } from './run-progress.js';
import { StartDialog } from './start-dialog.js';

const COLORS: Record<string, string> = {
  RUNNING: 'blue.8',
  SCHEDULED: 'gray.7',
  FINISHED: 'teal.9',
  FAILED: 'red.9',
  KILLED: '#a63c06',
};

/** The pipelines of the experiment, one of them in full; what runs is followed. */
export function RunsPage({ chosen }: { chosen: string | undefined }) {
  const text = useText();
  const { percent, time } = useFormat();
  const [, go] = useLocation();
  const [starting, setStarting] = useState(false);
  const { data, error, refetch } = useRuns();
  if (error && !data) return <ProblemAlert error={error} retry={refetch} />;
  if (!data) return <Loader aria-label={text.loading} />;
  const { runs, canStart } = data;
  const shown = runs.find(({ runId }) => runId === chosen) ?? runs[0];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {text.runs.heading}
        </Title>
        {canStart && <Button onClick={() => setStarting(true)}>{text.runs.start}</Button>}
      </Group>
      {!canStart && <Text c="dimmed">{text.runs.noAirflow}</Text>}
      {error && <ProblemAlert error={error} retry={refetch} />}
      {runs.length === 0 && <Text>{text.runs.empty}</Text>}
      {runs.length > 0 && (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={640} mah={320} type="native" tabIndex={0}>
            <Table aria-label={text.runs.table} highlightOnHover>
              <Table.Tbody>
                {runs.map((run) => {
                  const here = run.runId === shown?.runId;
                  return (
                    <Table.Tr key={run.runId} bg={here ? 'var(--mantine-color-default-hover)' : ''}>
                      <Table.Td>
                        <button
                          type="button"
                          className="row-button"
                          aria-current={here ? 'true' : undefined}
                          onClick={() => go(`/runs/${run.runId}`)}
                        >
                          {run.pipelineId}
                        </button>
                      </Table.Td>
                      <Table.Td>
                        <Badge color={COLORS[run.status] ?? 'gray.7'} variant="filled" tt="none">
                          {text.runs.status[run.status] ?? run.status}
                        </Badge>
                      </Table.Td>
                      <Table.Td miw={180}>
                        <RunProgress run={run} />
                      </Table.Td>
                      <Table.Td>{run.accuracy !== null && percent(run.accuracy, 2)}</Table.Td>
                      <Table.Td>{run.startTime !== null && time(run.startTime)}</Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      {shown && <RunDetails key={shown.runId} runId={shown.runId} />}
      {starting && <StartDialog close={() => setStarting(false)} />}
    </Stack>
  );
}

export type ListedRun = NonNullable<ReturnType<typeof useRuns>['data']>['runs'][number];

function useRuns() {
  return useQuery({
    queryKey: ['runs'],
    queryFn: () => answerOf(api.api.runs.$get()),
    refetchInterval: ({ state }) =>
      state.data?.runs.some(({ status }) => status === 'RUNNING') ? 2_000 : 10_000,
  });
}
