import { Table, Text } from '@mantine/core';
import { useFormat, useText } from '../../text/language.js';
import type { ShownVersion } from './version-details.js';

type Evaluation = NonNullable<ShownVersion['evaluation']>;

/** The metrics with their intervals. Names are those of the literature, in either language. */
export function Figures({ evaluation }: { evaluation: Evaluation }) {
  const text = useText();
  const { number } = useFormat();
  const { metrics, rows, reviews_per_second, latency } = evaluation;
  const names = Object.keys(metrics).filter((name) => !/_(low|high)$/.test(name));
  return (
    <>
      <Table aria-label={text.models.figures}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.models.figure}</Table.Th>
            <Table.Th ta="end">{text.models.value}</Table.Th>
            <Table.Th ta="end">{text.models.interval}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => {
            const [low, high] = [metrics[`${name}_low`], metrics[`${name}_high`]];
            return (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Table.Td ta="end">{number(metrics[name]!, 4)}</Table.Td>
                <Table.Td ta="end">
                  {low !== undefined && high !== undefined
                    ? `${number(low, 4)} – ${number(high, 4)}`
                    : ''}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {`n = ${number(rows)} · ${text.models.perSecond(number(reviews_per_second))}`}
        {latency &&
          ` · ${text.models.fields.latency}: ${number(latency.median_ms, 1)} ms, ${number(latency.p95_ms, 1)} ms`}
      </Text>
    </>
  );
}
