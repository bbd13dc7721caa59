import { Alert, Button, Stack, Text } from '@mantine/core';
import { ApiError } from './api.js';
import { useText } from './text/language.js';

/** What went wrong, in the reader's language where it is a usual problem. */
export function ProblemAlert({ error, retry }: { error: Error; retry?: () => unknown }) {
  const text = useText();
  const known = error instanceof ApiError ? text.problems[error.code] : undefined;
  const dull = error instanceof ApiError && ['offline', 'wrong_password'].includes(error.code);
  return (
    <Alert color="red" title={known ?? text.problems.title} role="alert">
      <Stack gap="xs" align="flex-start">
        {!dull && <Text size="sm">{error.message}</Text>}
        {retry && (
          <Button size="compact-sm" variant="default" onClick={() => retry()}>
            {text.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
