import { Button, FileButton, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ClipboardEvent, type DragEvent, useState } from 'react';
import { answerOf, api } from '../../api.js';
import { ProblemAlert } from '../../problem-alert.js';
import { useText } from '../../text/language.js';
import { FileProgress } from './file-progress.js';
import { sendFile } from './send-file.js';

/** Labels a whole file: dropped, pasted, or chosen. */
export function FileTab() {
  const text = useText();
  const [over, setOver] = useState(false);
  const [lines, setLines] = useState('');
  const upload = useMutation({ mutationFn: sendFile });
  const id = upload.data?.id;
  const job = useQuery({
    queryKey: ['file', id],
    queryFn: () => answerOf(api.api.files[':id'].$get({ param: { id: id! } })),
    enabled: id !== undefined,
    initialData: upload.data,
    refetchInterval: ({ state }) => (state.data?.status === 'running' ? 400 : false),
  });

  const send = (file: File | null | undefined) => {
    if (file) upload.mutate(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    send(event.dataTransfer.files[0]);
  };
  const paste = (event: ClipboardEvent) => {
    const file = event.clipboardData.files[0];
    if (!file) return; // text goes into the field
    event.preventDefault();
    send(file);
  };

  if (id !== undefined && job.data) {
    return <FileProgress job={job.data} error={job.error} again={upload.reset} />;
  }
  return (
    <Stack onPaste={paste}>
      <Title order={2} size="h4">
        {text.file.heading}
      </Title>
      <section
        className="drop"
        aria-label={text.file.heading}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Stack align="center">
          <Text>{over ? text.file.drop : text.file.help}</Text>
          <FileButton
            onChange={send}
            accept=".csv,.tsv,.txt,.jsonl,.ndjson,.parquet,.gz"
            inputProps={{ 'aria-label': text.file.choose }}
          >
            {(props) => (
              <Button {...props} loading={upload.isPending}>
                {text.file.choose}
              </Button>
            )}
          </FileButton>
          {upload.isPending && <Text size="sm">{text.file.sending}</Text>}
        </Stack>
      </section>
      {upload.error && <ProblemAlert error={upload.error} />}
      <Paper withBorder p="md">
        <Stack gap="xs">
          <Textarea
            label={text.file.pasteLabel}
            value={lines}
            onChange={(event) => setLines(event.currentTarget.value)}
            minRows={4}
            maxRows={12}
            autosize
            lang="ko"
          />
          <Group>
            <Button
              variant="default"
              disabled={lines.trim() === '' || upload.isPending}
              onClick={() => send(new File([lines], 'lines.txt', { type: 'text/plain' }))}
            >
              {text.file.pasteButton}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </Stack>
  );
}
