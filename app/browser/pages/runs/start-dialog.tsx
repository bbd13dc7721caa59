import { Anchor, Button, Group, Modal, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useText } from '../../text/language.js';

/** The values that are changed most; MLflow's and Airflow's pages have them all. */
const FIELDS = [
  { key: 'train.epochs', name: 'epochs', min: 1, step: 1 },
  { key: 'train.learning_rate', name: 'learningRate', min: 0, step: 0.00001 },
  { key: 'dataset.sampling_rate', name: 'samplingRate', min: 0, step: 0.1 },
] as const;

const CONFIGS = ['configs/config.yaml', 'configs/quickstart.yaml'];

/** Starts a pipeline through Airflow. */
export function StartDialog({ close }: { close: () => void }) {
  const text = useText();
  const queries = useQueryClient();
  const [values, setValues] = useState<Record<string, number | string>>({});
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => {
      const given = Object.entries(values).filter(([, value]) => value !== '');
      return answerOf(api.api.runs.$post({ json: { conf: Object.fromEntries(given) } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={text.runs.form.heading}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      {data ? (
        <Stack role="status">
          <Text>{text.runs.form.started(data.pipelineId)}</Text>
          <Anchor href={data.link} target="_blank" rel="noreferrer" underline="always">
            {text.runs.airflow}
          </Anchor>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{text.runs.form.help}</Text>
            <Select
              label={text.runs.form.config}
              data={CONFIGS}
              value={String(values.config ?? '') || null}
              onChange={(config) => setValues((before) => ({ ...before, config: config ?? '' }))}
              clearable
              clearButtonProps={{ 'aria-label': text.none }}
            />
            {FIELDS.map(({ key, name, min, step }) => (
              <NumberInput
                key={key}
                label={text.runs.form[name]}
                description={key}
                value={values[key] ?? ''}
                onChange={(value) => setValues((before) => ({ ...before, [key]: value }))}
                min={min}
                step={step}
                hideControls
              />
            ))}
            {error && <ProblemAlert error={error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {text.cancel}
              </Button>
              <Button type="submit" loading={isPending}>
                {text.runs.form.button}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
