import { CheckpointError } from '../errors.js';

/** BERT's special tokens, in the order in which a new vocabulary begins. */
export const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

const FIX = 'Use the vocabulary that belongs to the model.';

/**
 * Reads a `vocab.txt`: one token a line, the line number is its id.
 *
 * @throws CheckpointError when it is not UTF-8, names a token twice or lacks a special token.
 */
export function parseVocabulary(bytes: Uint8Array, file: string): string[] {
  let text: string;
  try {
    // The decoder would drop a byte order mark, which Python keeps as part of the first token.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CheckpointError(file, 'is not UTF-8', FIX);
  }
  const tokens = text.split(/\r\n|\n|\r/);
  if (tokens.at(-1) === '') tokens.pop();
  checkVocabulary(tokens, file);
  return tokens;
}

/** @throws CheckpointError when a token is there twice or a special token is not there. */
export function checkVocabulary(tokens: readonly string[], file: string): void {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    const known = ids.get(token);
    if (known !== undefined) {
      throw new CheckpointError(
        file,
        `token ${JSON.stringify(token)} is there twice, as ids ${known} and ${id}`,
        FIX,
      );
    }
    ids.set(token, id);
  });
  for (const token of SPECIAL_TOKENS) {
    // A classifier never masks.
    if (token !== '[MASK]' && !ids.has(token)) {
      throw new CheckpointError(file, `has no token ${token}`, FIX);
    }
  }
}
