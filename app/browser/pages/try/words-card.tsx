import { Loader, Paper, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CSSProperties } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useFormat, useText } from '../../text/language.js';

/** What each word adds to the label's probability. */
export function WordsCard({ review, label }: { review: string; label: string }) {
  const text = useText();
  const { points } = useFormat();
  const [settled] = useDebouncedValue(`${label}\n${review}`, 350); // dearer than a prediction
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['explain', settled],
    queryFn: ({ signal }) => {
      const [wanted = '', ...lines] = settled.split('\n');
      const json = { text: lines.join('\n'), label: wanted };
      return answerOf(api.api.explain.$post({ json }, { init: { signal } }));
    },
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const largest = Math.max(1e-9, ...(data?.parts ?? []).map(({ value }) => Math.abs(value)));
  return (
    <Paper withBorder p="md" component="section" aria-busy={isFetching}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {text.try.words(data?.label ?? label)}{' '}
          {isFetching && <Loader size="xs" aria-label={text.try.computing} />}
        </Title>
        {error && <ProblemAlert error={error} retry={refetch} />}
        {data && (
          <>
            <ul className="words" lang="ko">
              {data.parts.map((part, i) => {
                const strength = `${Math.round((100 * Math.abs(part.value)) / largest)}%`;
                return (
                  <li
                    // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, and its place is what it is
                    key={i}
                    className={part.value >= 0 ? 'for' : 'against'}
                    style={{ '--strength': strength } as CSSProperties}
                  >
                    {part.text}
                    <small>{points(part.value)}</small>
                  </li>
                );
              })}
            </ul>
            <Text size="sm" c="dimmed">
              {text.try.wordsHelp(!data.exact)} {text.try.against}
            </Text>
          </>
        )}
      </Stack>
    </Paper>
  );
}
