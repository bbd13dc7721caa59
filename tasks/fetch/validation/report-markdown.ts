import { lengthQuantile, longerThan } from '../../cache/token-statistics.js';
import { percent } from './checks.js';
import type { ValidationReport } from './report.js';

/** The report as a page that MLflow shows. */
export function reportMarkdown(report: ValidationReport): string {
  const { dataset, source, findings, tokens, drift } = report;
  const parts = [
    `# Data of this run: ${dataset}`,
    '## Rows of the source',
    table(
      ['Split', 'Rows', 'Malformed', 'Without a text', 'Without a label', 'Labels'],
      Object.entries(source)
        .filter(([, { rows }]) => rows > 0)
        .map(([split, { rows, malformed, empty, unlabeled, labels }]) => [
          split,
          ...[rows, malformed, empty, unlabeled].map(thousands),
          Object.entries(labels)
            .map(([label, count]) => `${label}: ${thousands(count)}`)
            .join(', '),
        ]),
    ),
    '## Findings',
    findings.length === 0
      ? 'None.'
      : table(
          ['Severity', 'Check', 'What', 'Where'],
          findings.map(({ severity, check, message, examples }) => [
            severity,
            check,
            message,
            examples.join('; '),
          ]),
        ),
  ];
  if (tokens) {
    const longer = longerThan(tokens, tokens.max_length) / tokens.texts;
    parts.push(
      '## Tokens of the train split',
      table(
        ['Figure', 'Value'],
        [
          ...[0.5, 0.9, 0.95, 0.99].map((share) => [
            `${share * 100} % of the texts have at most`,
            `${lengthQuantile(tokens, share)} tokens`,
          ]),
          ['The longest has', `${tokens.lengths.length - 1} tokens`],
          [`Longer than max_length ${tokens.max_length}`, percent(longer)],
          ['Unknown to the vocabulary', percent(tokens.unknown / tokens.tokens)],
        ],
      ),
    );
  }
  if (drift) {
    const { champion, ...indexes } = drift;
    parts.push(
      `## Against the data of ${champion}, in Production`,
      'Population stability index: under 0.1 is usually called no difference, over 0.25 a large one.',
      table(
        ['Of', 'Index'],
        Object.entries(indexes).map(([aspect, index]) => [aspect, index.toFixed(4)]),
      ),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
