import { Button, Group, Loader, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { answerOf, api } from '../../api.js';
import { LineChart } from '../../charts/line-chart.js';
import { ProblemAlert } from '../../problem-alert.js';
import { StageBadge, type StageName } from '../../stage-badge.js';
import { useText } from '../../text/language.js';
import { type Change, useComparison } from './change-dialog.js';
import { Confusion } from './confusion.js';
import { Figures } from './figures.js';
import { History } from './history.js';
import { Lineage } from './lineage.js';
import { Plot } from './plot.js';
import { Slices } from './slices.js';
import { Verdict } from './verdict.js';

interface Props {
  version: string;
  stage: StageName;
  change: (change: Change) => void;
}

/** Everything about one version, and the buttons that move it. */
export function VersionDetails({ version, stage, change }: Props) {
  const text = useText();
  const { data, error, refetch } = useVersion(version);
  const comparison = useComparison(version);
  return (
    <Stack component="section" aria-label={text.version(version)}>
      <Group justify="space-between">
        <Group>
          <Title order={2} size="h3">
            {text.version(version)}
          </Title>
          <StageBadge stage={stage} />
        </Group>
        <StageButtons version={version} stage={stage} change={change} />
      </Group>
      {error && <ProblemAlert error={error} retry={refetch} />}
      {!data && !error && <Loader aria-label={text.loading} />}
      {data && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Card title={text.models.verdict}>
            {comparison.data && <Verdict comparison={comparison.data} />}
            {comparison.error && <ProblemAlert error={comparison.error} />}
          </Card>
          <Card title={text.models.figures}>
            {data.evaluation ? <Figures evaluation={data.evaluation} /> : <Missing />}
          </Card>
          <Card title={text.models.curves}>
            {data.training ? <TrainingCurve training={data.training} /> : <Missing />}
          </Card>
          <Card title={text.models.confusion}>
            {data.evaluation?.confusion_matrix && data.evaluation.labels ? (
              <Confusion
                matrix={data.evaluation.confusion_matrix}
                labels={data.evaluation.labels}
              />
            ) : (
              <Missing />
            )}
          </Card>
          <Card title={text.models.slices}>
            {data.evaluation ? <Slices evaluation={data.evaluation} /> : <Missing />}
          </Card>
          <Card title={text.models.data}>
            <Lineage details={data} />
          </Card>
          {data.evaluation && (
            <>
              <Card title={text.models.roc}>
                <Plot version={version} plot="roc" />
              </Card>
              <Card title={text.models.reliability}>
                <Plot version={version} plot="reliability" />
              </Card>
            </>
          )}
          <Card title={text.models.history}>
            <History changes={data.history} />
          </Card>
        </SimpleGrid>
      )}
    </Stack>
  );
}

export type ShownVersion = NonNullable<ReturnType<typeof useVersion>['data']>;

function useVersion(version: string) {
  return useQuery({
    queryKey: ['version', version],
    queryFn: () => answerOf(api.api.models[':version'].$get({ param: { version } })),
  });
}

function StageButtons({ version, stage, change }: Props) {
  const text = useText();
  const to = (target: StageName) => () => change({ kind: 'stage', version, stage: target });
  return (
    <Group gap="xs">
      {stage !== 'Production' && (
        <Button onClick={to('Production')}>{text.models.promote('Production')}</Button>
      )}
      {stage !== 'Staging' && stage !== 'Production' && (
        <Button variant="default" onClick={to('Staging')}>
          {text.models.promote('Staging')}
        </Button>
      )}
      {(stage === 'Production' || stage === 'Staging') && (
        <Button variant="default" onClick={to(stage === 'Production' ? 'Staging' : 'None')}>
          {text.models.demote}
        </Button>
      )}
      {stage !== 'Archived' && (
        <Button variant="default" onClick={to('Archived')}>
          {text.models.archive}
        </Button>
      )}
    </Group>
  );
}

function TrainingCurve({ training }: { training: NonNullable<ShownVersion['training']> }) {
  const text = useText();
  const points = (key: 'train_loss' | 'dev_loss') =>
    training.history.map((row) => ({ step: row.step, value: row[key] }));
  return (
    <LineChart
      label={text.models.curves}
      xLabel={text.runs.stepAxis}
      series={[
        { name: text.runs.trainLoss, color: 1, points: points('train_loss'), marked: true },
        { name: text.runs.devLoss, color: 2, points: points('dev_loss'), marked: true },
      ]}
    />
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={3} size="h5">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

function Missing() {
  const text = useText();
  return <Text c="dimmed">{text.models.missing}</Text>;
}
