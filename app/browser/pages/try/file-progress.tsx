import { Button, Group, Paper, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ApiError, answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useFormat, useText } from '../../text/language.js';
import type { SentFile } from './send-file.js';

interface Props {
  job: SentFile;
  error: Error | null;
  again: () => void;
}

/** How far a file is, and its results when it is done. */
export function FileProgress({ job, error, again }: Props) {
  const text = useText();
  const { number } = useFormat();
  const stop = useMutation({
    mutationFn: () => answerOf(api.api.files[':id'].$delete({ param: { id: job.id } })),
    onSuccess: again,
  });
  const results = (format: 'csv' | 'jsonl') =>
    api.api.files[':id'].results.$url({ param: { id: job.id }, query: { format } }).href;
  const failed = job.status === 'failed' ? new ApiError('failed', job.error ?? '') : error;
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={2} size="h4">
          {job.name}
        </Title>
        <Progress.Root size="xl">
          <Progress.Section
            value={(100 * job.done) / job.total}
            animated={job.status === 'running'}
            aria-label={job.name}
          />
        </Progress.Root>
        <Text role="status">
          {job.status === 'done'
            ? text.file.done(number(job.total))
            : text.file.progress(number(job.done), number(job.total))}
        </Text>
        {failed && <ProblemAlert error={failed} />}
        {Object.keys(job.counts).length > 0 && (
          <Table withRowBorders={false} maw={320}>
            <Table.Tbody>
              {Object.entries(job.counts).map(([label, count]) => (
                <Table.Tr key={label}>
                  <Table.Th scope="row">{label}</Table.Th>
                  <Table.Td ta="end">{number(count)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group>
          {job.status === 'done' && (
            <>
              <Button component="a" href={results('csv')} download>
                {text.file.csv}
              </Button>
              <Button component="a" href={results('jsonl')} download variant="default">
                {text.file.jsonl}
              </Button>
            </>
          )}
          {job.status === 'running' ? (
            <Button variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
              {text.cancel}
            </Button>
          ) : (
            <Button variant="default" onClick={again}>
              {text.file.again}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
