import {
  Alert,
  Button,
  Checkbox,
  Group,
  Loader,
  Modal,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import type { StageName } from '../../stage-badge.js';
import { useText } from '../../text/language.js';
import { Verdict } from './verdict.js';

export type Change = { kind: 'rollback' } | { kind: 'stage'; version: string; stage: StageName };

interface Props {
  change: Change;
  versions: { version: string; stage: StageName }[];
  close: () => void;
}

/** Asks before a version goes to another stage, with the gate's verdict in view. */
export function ChangeDialog({ change, versions, close }: Props) {
  const text = useText();
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const [despite, setDespite] = useState(false);
  const toProduction = change.kind === 'stage' && change.stage === 'Production';
  const verdict = useComparison(toProduction ? change.version : undefined);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => apply(change, why, despite),
    onSuccess: async () => {
      await queries.invalidateQueries();
      close();
    },
  });
  const replaced =
    change.kind === 'stage' && ['Staging', 'Production'].includes(change.stage)
      ? versions.find(({ stage, version }) => stage === change.stage && version !== change.version)
      : undefined;
  const held = toProduction && verdict.data?.meets === false;
  const ready = !toProduction || (verdict.data !== undefined && (!held || despite));
  const title =
    change.kind === 'rollback'
      ? text.confirm.rollback
      : text.confirm.to(change.version, text.stages[change.stage]);
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      <Stack>
        {change.kind === 'rollback' && <Text>{text.confirm.rollbackHelp}</Text>}
        {replaced && (
          <Text>{text.confirm.replaced(replaced.version, text.stages[replaced.stage])}</Text>
        )}
        {toProduction && <Text>{text.confirm.switches}</Text>}
        {toProduction && verdict.isPending && <Loader aria-label={text.loading} />}
        {verdict.data && <Verdict comparison={verdict.data} />}
        {verdict.error && <ProblemAlert error={verdict.error} retry={verdict.refetch} />}
        <Textarea
          label={text.confirm.why}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          maxLength={500}
          autosize
          data-autofocus
        />
        {held && (
          <Alert color="orange">
            <Checkbox
              label={text.confirm.despite}
              checked={despite}
              onChange={(event) => setDespite(event.currentTarget.checked)}
            />
          </Alert>
        )}
        {error && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {text.cancel}
          </Button>
          <Button onClick={() => mutate()} loading={isPending} disabled={!ready}>
            {text.confirm.button}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

async function apply(change: Change, why: string, despiteGate: boolean) {
  if (change.kind === 'rollback') return answerOf(api.api.rollback.$post({ json: { why } }));
  const { version, stage } = change;
  return answerOf(
    api.api.models[':version'].stage.$post({
      param: { version },
      json: { stage, why, despiteGate },
    }),
  );
}

/** The gate's verdict on a version against the champion. */
export function useComparison(version: string | undefined) {
  return useQuery({
    queryKey: ['comparison', version],
    queryFn: () =>
      answerOf(
        api.api.models[':version'].comparison.$get({ param: { version: version! }, query: {} }),
      ),
    enabled: version !== undefined,
  });
}
