import { Badge, Button, Group, Loader, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { ProblemAlert } from '../../problem-alert.js';
import { useVersions } from '../../served.js';
import { StageBadge } from '../../stage-badge.js';
import { useFormat, useText } from '../../text/language.js';
import { type Change, ChangeDialog } from './change-dialog.js';
import { VersionDetails } from './version-details.js';

/** The registered versions, one of them in full. */
export function ModelsPage({ chosen }: { chosen: string | undefined }) {
  const text = useText();
  const { percent, time } = useFormat();
  const [, go] = useLocation();
  const { data, error, refetch } = useVersions();
  const [change, setChange] = useState<Change | null>(null);
  if (error) return <ProblemAlert error={error} retry={refetch} />;
  if (!data) return <Loader aria-label={text.loading} />;
  const { versions, served } = data;
  const shown = versions.find(({ version }) => version === chosen) ?? versions[0];
  const inProduction = versions.find(({ stage }) => stage === 'Production');
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {text.models.heading}{' '}
          <Text span c="dimmed" fz="lg">
            {data.name}
          </Text>
        </Title>
        {inProduction && (
          <Button variant="default" onClick={() => setChange({ kind: 'rollback' })}>
            {text.models.rollback}
          </Button>
        )}
      </Group>
      {versions.length === 0 && <Text>{text.models.empty}</Text>}
      {versions.length > 0 && (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={520} type="native" tabIndex={0}>
            <Table aria-label={text.models.table} highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{text.models.columns.version}</Table.Th>
                  <Table.Th>{text.models.columns.stage}</Table.Th>
                  <Table.Th>{text.models.columns.accuracy}</Table.Th>
                  <Table.Th>{text.models.columns.registered}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {versions.map(({ version, stage, accuracy, accuracyInterval, createdAt }) => {
                  const here = version === shown?.version;
                  return (
                    <Table.Tr key={version} bg={here ? 'var(--mantine-color-default-hover)' : ''}>
                      <Table.Td>
                        <button
                          type="button"
                          className="row-button"
                          aria-current={here ? 'true' : undefined}
                          onClick={() => go(`/models/${version}`)}
                        >
                          {text.version(version)}
                        </button>
                      </Table.Td>
                      <Table.Td>
                        <Group gap={6}>
                          <StageBadge stage={stage} />
                          {version === served && (
                            <Badge
                              variant="outline"
                              color="gray"
                              c="var(--mantine-color-text)"
                              tt="none"
                            >
                              {text.models.served}
                            </Badge>
                          )}
                        </Group>
                      </Table.Td>
                      <Table.Td>
                        {accuracy !== null && percent(accuracy, 2)}{' '}
                        {accuracyInterval && (
                          <Text span size="sm" c="dimmed">
                            {percent(accuracyInterval.low)} – {percent(accuracyInterval.high)}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td>{time(createdAt)}</Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      {shown && (
        <VersionDetails
          key={shown.version}
          version={shown.version}
          stage={shown.stage}
          change={setChange}
        />
      )}
      {change && <ChangeDialog change={change} versions={versions} close={() => setChange(null)} />}
    </Stack>
  );
}
