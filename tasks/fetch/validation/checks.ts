/** What is looked for in the texts; shares are of the split's rows, or of all where no split counts. */
export const CHECKS = [
  'empty',
  'decomposed',
  'damaged',
  'broken_jamo',
  'duplicated',
  'conflicting',
  'leaked',
  'imbalanced',
  'truncated',
] as const;
export type CheckName = (typeof CHECKS)[number];

export type Severity = 'note' | 'warning' | 'error';

/** Shares of rows from which a finding is a warning, or an error that stops the run. */
export type Limits = Record<CheckName, { warning: number; error: number }>;

const NEVER = Number.POSITIVE_INFINITY;

/** Errors are what can only be an accident. */
export const LIMITS: Limits = {
  empty: { warning: 0.01, error: 0.5 },
  decomposed: { warning: NEVER, error: NEVER },
  damaged: { warning: 0.005, error: 0.5 },
  broken_jamo: { warning: 0.005, error: 0.5 },
  duplicated: { warning: 0.05, error: NEVER },
  conflicting: { warning: 0.02, error: 0.5 },
  leaked: { warning: 0.02, error: 0.5 },
  imbalanced: { warning: 0, error: NEVER },
  truncated: { warning: 0.05, error: NEVER },
};

/** What is recorded of the source as `fetch/validation.json`. */
export interface Validation {
  version: 1;
  /** Rows of the source's files; empty texts are left out, and labels are as the files have them. */
  source: Record<string, { rows: number; empty: number; labels: Record<string, number> }>;
  /** The worst first. */
  findings: Finding[];
}

/** Something found in the data that a person should know. */
export interface Finding {
  check: CheckName;
  severity: Severity;
  rows: number;
  share: number;
  message: string;
  /** Where some of the rows are, as `file:line`. */
  examples: string[];
}

/** Rows that a check has met, and where the first of them are. */
export class Tally {
  rows = 0;
  readonly examples: string[] = [];

  /** `where` is called only for the few that are kept as examples. */
  add(where: () => string): void {
    this.rows++;
    if (this.examples.length < 3) this.examples.push(where());
  }
}

/** What a tally says, of so many rows; undefined where it met none. */
export function finding(
  check: CheckName,
  { rows, examples }: Pick<Tally, 'rows' | 'examples'>,
  total: number,
  say: (rows: string) => string,
  limits: Limits,
): Finding | undefined {
  if (rows === 0) return undefined;
  const share = rows / total;
  const { warning, error } = limits[check];
  return {
    check,
    severity: share >= error ? 'error' : share >= warning ? 'warning' : 'note',
    rows,
    share,
    message: say(`${rows.toLocaleString('en-US')} (${percent(share)})`),
    examples,
  };
}

function percent(share: number): string {
  const digits = share >= 0.1 ? 0 : share >= 0.001 ? 1 : 3;
  return `${(share * 100).toFixed(digits)} %`;
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** For a person: the message, and where to look. */
export function describeFinding({ message, examples }: Finding): string {
  return examples.length === 0 ? message : `${message} (${examples.join(', ')})`;
}
