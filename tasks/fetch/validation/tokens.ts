import { longerThan, type TokenStatistics } from '../../cache/token-statistics.js';
import { type Observation, observe } from './checks.js';

/** What the model's tokenizer makes of the train split. */
export function checkTokens(statistics: TokenStatistics, maxLength: number): Observation[] {
  const { texts, tokens, unknown, examples } = statistics;
  const at = (ids: readonly string[]) => ids.map((id) => `id ${id}`);
  return [
    ...observe(
      'truncated',
      { rows: longerThan(statistics, maxLength), examples: at(examples.truncated) },
      texts,
      (n) =>
        `${n} texts of train have more tokens than dataset.max_length ${maxLength} and are cut off.`,
    ),
    ...observe(
      'unknown_tokens',
      { rows: unknown, examples: at(examples.unknown) },
      tokens,
      (n) => `${n} tokens of train have no entry in the model's vocabulary.`,
    ),
  ];
}
