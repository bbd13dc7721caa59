import type { Config } from '../../pipeline/config.js';

/** What is looked for in the data; configs/config.schema.json describes each. */
export type CheckName = keyof Config['validation'];

/** The values from which an observation is a warning, or an error that stops the run; null: never. */
export type Limits = Config['validation'];

export type Severity = 'note' | 'warning' | 'error';

/** Something seen in the data. */
export interface Observation {
  check: CheckName;
  /** What the limits are compared with: most often a share of rows. */
  value: number;
  /** Rows, texts or tokens. */
  count: number;
  message: string;
  /** Where some of them are, as `file:line`, or `id …` after the conversion. */
  examples: string[];
}

/** An observation that a person should know, by the limits of the configuration. */
export interface Finding extends Observation {
  severity: Severity;
}

/** Rows that a check has met, and where the first of them are. */
export class Tally {
  rows = 0;
  readonly examples: string[] = [];

  constructor(private readonly most = 5) {}

  /** `where` is called only for the few that are kept as examples. */
  add(where: () => string): void {
    this.rows++;
    if (this.examples.length < this.most) this.examples.push(where());
  }
}

/** What a tally says, of so many rows; nothing where it met none. */
export function observe(
  check: CheckName,
  { rows, examples }: Pick<Tally, 'rows' | 'examples'>,
  total: number,
  say: (rows: string) => string,
): Observation[] {
  if (rows === 0) return [];
  const value = rows / total;
  const message = say(`${rows.toLocaleString('en-US')} (${percent(value)})`);
  return [{ check, value, count: rows, message, examples: [...examples] }];
}

/** A share with as many digits as it needs. */
export function percent(share: number): string {
  const digits = share >= 0.1 || share === 0 ? 0 : share >= 0.001 ? 1 : 3;
  return `${(share * 100).toFixed(digits)} %`;
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** The observations by severity, the worst first. */
export function judge(observations: readonly Observation[], limits: Limits): Finding[] {
  return observations
    .map((observation) => ({ ...observation, severity: severityOf(observation, limits) }))
    .sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

function severityOf({ check, value }: Observation, limits: Limits): Severity {
  const { warning, error } = limits[check];
  if (error !== null && value >= error) return 'error';
  return warning !== null && value >= warning ? 'warning' : 'note';
}

/** For a person: the message, and where to look. */
export function describeFinding({ check, message, examples }: Observation): string {
  if (check === 'malformed') return [message, ...examples].join('\n  '); // each says what is wrong
  return examples.length === 0 ? message : `${message} (${examples.join('; ')})`;
}
