import { Alert, Button, Group, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useText } from '../../text/language.js';
import { PredictionCard } from './prediction-card.js';
import { WordsCard } from './words-card.js';

const EXAMPLES = [
  '배우들 연기가 정말 훌륭했어요',
  '이야기가 지루해서 끝까지 못 봤다',
  '음악은 좋은데 결말이 아쉽네요',
];

/** The label of what is being written, by champion and challenger, and the words behind it. */
export function TextTab({ challenger }: { challenger: string | undefined }) {
  const text = useText();
  const [review, setReview] = useState(EXAMPLES[0]!);
  const [typed] = useDebouncedValue(review.trim(), 80);
  const champion = usePrediction(typed, undefined);
  const other = usePrediction(challenger ? typed : '', challenger);
  const [one, two] = [champion.data, other.data];
  return (
    <Stack>
      <Textarea
        label={text.try.label}
        placeholder={text.try.placeholder}
        value={review}
        onChange={(event) => setReview(event.currentTarget.value)}
        minRows={3}
        maxRows={10}
        maxLength={5000}
        autosize
        size="md"
        lang="ko"
        spellCheck={false}
      />
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {text.try.examples}
        </Text>
        {EXAMPLES.map((example) => (
          <Button
            key={example}
            size="compact-sm"
            variant="default"
            lang="ko"
            onClick={() => setReview(example)}
          >
            {example}
          </Button>
        ))}
      </Group>
      {champion.error && <ProblemAlert error={champion.error} retry={champion.refetch} />}
      {typed === '' && <Text c="dimmed">{text.try.waiting}</Text>}
      {typed !== '' && one && (
        <SimpleGrid cols={{ base: 1, sm: challenger ? 2 : 1 }} aria-live="polite">
          <PredictionCard title={text.try.champion} answer={one} />
          {challenger && two && <PredictionCard title={text.try.challenger} answer={two} />}
          {challenger && other.error && <ProblemAlert error={other.error} retry={other.refetch} />}
        </SimpleGrid>
      )}
      {typed !== '' && one && challenger && two && (
        <Agreement same={labelOf(one) === labelOf(two)} />
      )}
      {typed !== '' && one && <WordsCard review={typed} label={labelOf(one)} />}
    </Stack>
  );
}

export type PredictAnswer = NonNullable<ReturnType<typeof usePrediction>['data']>;

const labelOf = ({ predictions }: PredictAnswer) => predictions[0]!.label;

function usePrediction(review: string, version: string | undefined) {
  return useQuery({
    queryKey: ['predict', version, review],
    queryFn: ({ signal }) =>
      answerOf(
        api.predict.$post(
          { json: { text: review, ...(version && { version }) } },
          { init: { signal } },
        ),
      ),
    enabled: review !== '',
    placeholderData: keepPreviousData, // the last answer stays until the next is there
    staleTime: 30_000,
  });
}

function Agreement({ same }: { same: boolean }) {
  const text = useText();
  return (
    <Alert color={same ? 'teal' : 'orange'} py="xs">
      {same ? text.try.agree : text.try.differ}
    </Alert>
  );
}
