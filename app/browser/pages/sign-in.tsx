import { Button, Paper, PasswordInput, Stack, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../api.js';
import { ProblemAlert } from '../problem-alert.js';
import { useText } from '../text/language.js';

/** The form that stands before everything else where the server has a password. */
export function SignIn() {
  const text = useText();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => answerOf(api.api.session.$post({ json: { password } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Paper withBorder p="xl" maw={400} mx="auto" mt="xl">
      <form onSubmit={submit}>
        <Stack>
          <Title order={1} size="h3">
            {text.signIn.title}
          </Title>
          <PasswordInput
            label={text.signIn.password}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            autoFocus
            required
          />
          {error && <ProblemAlert error={error} />}
          <Button type="submit" loading={isPending}>
            {text.signIn.button}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
