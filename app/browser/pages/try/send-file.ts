import { answerOf, api } from '../../api.js';

/** Sends a file as it is, in the body of the request. */
export function sendFile(file: File) {
  const query = { name: file.name };
  return answerOf(
    api.api.files.$post(
      { query },
      {
        init: { body: file, headers: { 'content-type': 'application/octet-stream' } },
      },
    ),
  );
}

export type SentFile = Awaited<ReturnType<typeof sendFile>>;
