import { Group, Loader, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useFormat, useText } from '../../text/language.js';

type Filter = 'all' | 'challenger' | 'champion';

interface Props {
  champion: string | undefined;
  challenger: string | undefined;
}

/** Test texts that champion and challenger label differently. */
export function DifferencesTab({ champion, challenger }: Props) {
  const text = useText();
  const { number } = useFormat();
  const [filter, setFilter] = useState<Filter>('all');
  const chosen = champion !== undefined && challenger !== undefined;
  const { data, error, refetch } = useQuery({
    queryKey: ['differences', champion, challenger],
    queryFn: () =>
      answerOf(
        api.api.models[':version'].differences.$get({
          param: { version: challenger! },
          query: { against: champion! },
        }),
      ),
    enabled: chosen,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!chosen) return <Text>{text.differences.choose}</Text>;
  if (error) return <ProblemAlert error={error} retry={refetch} />;
  if (!data) return <Loader aria-label={text.loading} />;
  const examples = data.examples.filter(
    (row) => filter === 'all' || row[filter].label === row.truth,
  );
  return (
    <Stack>
      <Text>{text.differences.summary(number(data.differing), number(data.rows))}</Text>
      <Group>
        <SegmentedControl
          aria-label={text.differences.table}
          value={filter}
          onChange={(value) => setFilter(value as Filter)}
          data={[
            { value: 'all', label: text.differences.all },
            {
              value: 'challenger',
              label: text.differences.onlyChallenger(number(data.onlyChallengerRight)),
            },
            {
              value: 'champion',
              label: text.differences.onlyChampion(number(data.onlyChampionRight)),
            },
          ]}
        />
      </Group>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
        <Table aria-label={text.differences.table} verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.differences.columns.text}</Table.Th>
              <Table.Th>{text.differences.columns.truth}</Table.Th>
              <Table.Th>{`${text.try.champion} (${champion})`}</Table.Th>
              <Table.Th>{`${text.try.challenger} (${challenger})`}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {examples.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td lang="ko">{row.text}</Table.Td>
                <Table.Td>{row.truth}</Table.Td>
                <Judged judged={row.champion} truth={row.truth} />
                <Judged judged={row.challenger} truth={row.truth} />
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Judged(props: { judged: { label: string; score: number }; truth: string }) {
  const text = useText();
  const { percent } = useFormat();
  const { label, score } = props.judged;
  const right = label === props.truth;
  return (
    <Table.Td style={{ whiteSpace: 'nowrap' }}>
      <Text span aria-label={right ? text.differences.right : text.differences.wrong} role="img">
        {right ? '✓' : '✗'}
      </Text>{' '}
      {label}{' '}
      <Text span size="sm">
        {percent(score)}
      </Text>
    </Table.Td>
  );
}
