import { Table, Text } from '@mantine/core';
import { useFormat, useText } from '../../text/language.js';

/** How often each truth was taken for what; a cell's color is its share of its row. */
export function Confusion({ matrix, labels }: { matrix: number[][]; labels: string[] }) {
  const text = useText();
  const { number, percent } = useFormat();
  return (
    <>
      <Table.ScrollContainer minWidth={labels.length * 90} type="native" tabIndex={0}>
        <Table aria-label={text.models.confusion} withTableBorder withColumnBorders>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{`${text.models.truth} / ${text.models.predicted}`}</Table.Th>
              {labels.map((label) => (
                <Table.Th key={label} ta="center">
                  {label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {matrix.map((row, truth) => {
              const total = row.reduce((a, b) => a + b, 0) || 1;
              return (
                <Table.Tr key={labels[truth]}>
                  <Table.Th scope="row">{labels[truth]}</Table.Th>
                  {row.map((count, predicted) => {
                    const color = predicted === truth ? '--word-for' : '--word-against';
                    const share = Math.round((100 * count) / total);
                    return (
                      <Table.Td
                        key={labels[predicted]}
                        ta="center"
                        bg={`color-mix(in srgb, var(${color}) ${share}%, transparent)`}
                      >
                        {number(count)}{' '}
                        <Text span size="xs">
                          {percent(count / total)}
                        </Text>
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed">
        {text.models.confusionHelp}
      </Text>
    </>
  );
}
