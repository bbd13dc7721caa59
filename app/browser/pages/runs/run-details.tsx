import {
  Anchor,
  Badge,
  Group,
  Loader,
  Paper,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '../../api.js';
import { LineChart } from '../../charts/line-chart.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useFormat, useText } from '../../text/language.js';
import { RunProgress } from './run-progress.js';

/** One pipeline: its curves, which grow while it trains, and its configuration. */
export function RunDetails({ runId }: { runId: string }) {
  const text = useText();
  const { percent } = useFormat();
  const { data, error, refetch } = useRun(runId);
  if (error && !data) return <ProblemAlert error={error} retry={refetch} />;
  if (!data) return <Loader aria-label={text.loading} />;
  const { curves, links } = data;
  const running = data.status === 'RUNNING';
  const points = curves['train/loss'].length + curves['dev/loss'].length;
  return (
    <Stack component="section" aria-label={data.pipelineId}>
      <Group justify="space-between">
        <Group>
          <Title order={2} size="h3">
            {data.pipelineId}
          </Title>
          {running && (
            <Badge color="blue.8" variant="filled" tt="none">
              {text.runs.live}
            </Badge>
          )}
        </Group>
        <Group>
          <Anchor href={links.mlflow} target="_blank" rel="noreferrer" underline="always">
            {text.runs.mlflow}
          </Anchor>
          {links.airflow && (
            <Anchor href={links.airflow} target="_blank" rel="noreferrer" underline="always">
              {text.runs.airflow}
            </Anchor>
          )}
        </Group>
      </Group>
      <RunProgress run={data} />
      {data.failure && <Text lang="en">{data.failure}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Paper withBorder p="md" component="section" aria-label={text.runs.loss}>
          <Title order={3} size="h5">
            {text.runs.loss}
          </Title>
          {points === 0 ? (
            <Text c="dimmed">{text.runs.noCurve}</Text>
          ) : (
            <LineChart
              label={text.runs.loss}
              xLabel={text.runs.stepAxis}
              series={[
                {
                  name: text.runs.trainLoss,
                  color: 1,
                  points: curves['train/loss'],
                  smoothed: true,
                },
                { name: text.runs.devLoss, color: 2, points: curves['dev/loss'], marked: true },
              ]}
            />
          )}
        </Paper>
        <Paper withBorder p="md" component="section" aria-label={text.runs.dev}>
          <Title order={3} size="h5">
            {text.runs.dev}
            {data.devAccuracy !== null && ` · ${percent(data.devAccuracy, 2)}`}
          </Title>
          {curves['dev/accuracy'].length === 0 ? (
            <Text c="dimmed">{text.runs.noCurve}</Text>
          ) : (
            <LineChart
              label={text.runs.dev}
              xLabel={text.runs.stepAxis}
              series={[
                { name: text.runs.dev, color: 1, points: curves['dev/accuracy'], marked: true },
              ]}
            />
          )}
        </Paper>
      </SimpleGrid>
      <Paper withBorder p="md">
        <details>
          <summary>{text.runs.params}</summary>
          <Table aria-label={text.runs.params}>
            <Table.Tbody>
              {Object.entries(data.params)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, value]) => (
                  <Table.Tr key={key}>
                    <Table.Th scope="row">{key}</Table.Th>
                    <Table.Td>{value}</Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </details>
      </Paper>
    </Stack>
  );
}

function useRun(runId: string) {
  return useQuery({
    queryKey: ['run', runId],
    queryFn: () => answerOf(api.api.runs[':runId'].$get({ param: { runId } })),
    refetchInterval: ({ state }) => (state.data?.status === 'RUNNING' ? 2_000 : false),
  });
}
