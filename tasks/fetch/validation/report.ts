import { lengthQuantile, longerThan, type TokenStatistics } from '../../cache/token-statistics.js';
import type { Config } from '../../pipeline/config.js';
import type { StageContext } from '../../pipeline/context.js';
import { InputError } from '../../pipeline/errors.js';
import type { SourceReport } from '../dataset.js';
import type { SplitName } from '../survey.js';
import type { ChampionData } from './champion.js';
import { describeFinding, type Finding, judge, type Limits, percent } from './checks.js';
import { checkDrift, type Drift, driftFrom } from './drift.js';
import { labelsPlot, lengthsPlot } from './plots.js';
import type { Profile } from './profile.js';
import { reportMarkdown } from './report-markdown.js';
import { checkTokens } from './tokens.js';

/** The report among the run's artifacts; beside it lie `validation.md` and the figures. */
export const REPORT = 'fetch/validation.json';

/** What is recorded of the data before anything is trained. */
export interface ValidationReport {
  version: 3;
  dataset: string;
  /** Rows of the source's files, labels as the files have them. */
  source: SourceReport['splits'];
  /** The worst first. */
  findings: Finding[];
  limits: Limits;
  /** Absent where the run was stopped before. */
  profile?: Profile;
  tokens?: { max_length: number } & TokenStatistics;
  /** Against the data of the version in Production. */
  drift?: { champion: string } & Drift;
}

/** What was read of the files: all that there is to judge before the conversion. */
export function reportOnSource(
  dataset: string,
  { splits, observations }: SourceReport,
  { validation: limits }: Config,
): ValidationReport {
  return { version: 3, dataset, source: splits, findings: judge(observations, limits), limits };
}

/** Everything: files, tokens, and the data of the champion, if there is one. */
export function fullReport(
  dataset: string,
  { splits, observations }: SourceReport,
  { profile, tokens }: { profile: Profile; tokens: TokenStatistics },
  champion: ChampionData | undefined,
  { validation: limits, dataset: { max_length } }: Config,
): ValidationReport {
  const drift = champion && driftFrom(champion.profile, profile);
  const seen = [
    ...observations,
    ...checkTokens(tokens, max_length),
    ...(drift ? checkDrift(drift, profile, champion.name) : []),
  ];
  return {
    version: 3,
    dataset,
    source: splits,
    findings: judge(seen, limits),
    limits,
    profile,
    tokens: { max_length, ...tokens },
    ...(drift && { drift: { champion: champion.name, ...drift } }),
  };
}

type Context = Pick<StageContext, 'volume' | 'mlflow' | 'run' | 'logger'>;

/**
 * Says it in the log, and leaves it among the run's artifacts: as JSON, as a page for people, as
 * charts, and its figures as metrics.
 *
 * @throws InputError naming the rows, where a finding is an error
 */
export async function publishReport(
  report: ValidationReport,
  { volume, mlflow, run, logger }: Context,
): Promise<void> {
  for (const line of summaryLines(report)) logger.info(line);
  for (const finding of report.findings) {
    const level = finding.severity === 'note' ? 'info' : 'warn';
    logger.log(level, describeFinding(finding), { check: finding.check });
  }
  await volume.writeArtifact(REPORT, `${JSON.stringify(report, null, 2)}\n`);
  await volume.writeArtifact('fetch/validation.md', reportMarkdown(report));
  if (report.profile) await volume.writeArtifact('fetch/labels.svg', labelsPlot(report.profile));
  if (report.tokens) await volume.writeArtifact('fetch/lengths.svg', lengthsPlot(report.tokens));
  await logFigures(figuresOf(report), { mlflow, run });
  refuseErrors(report);
}

/** A stage that is repeated leaves one point: it is the same as an earlier one if its time is too. */
async function logFigures(
  figures: Record<string, number>,
  { mlflow, run }: Pick<StageContext, 'mlflow' | 'run'>,
): Promise<void> {
  const { metrics } = (await mlflow.runs.get({ runId: run.runId })).data;
  const now = Date.now();
  await mlflow.logMetrics(
    run.runId,
    Object.entries(figures).map(([name, value]) => {
      const key = `data/${name}`;
      const before = metrics[key];
      return { key, value, timestamp: before?.value === value ? before.timestamp : now };
    }),
  );
}

function refuseErrors({ findings, dataset }: ValidationReport): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const keys = [...new Set(errors.map(({ check }) => `validation.${check}.error`))];
  throw new InputError(
    `The data are not fit to train on.\n${errors.map((each) => `- ${describeFinding(each)}`).join('\n')}`,
    {
      where: `data set ${dataset}`,
      fix: `Correct these rows; or, where they are meant to be so, raise ${keys.join(', ')} (empty: never an error).`,
    },
  );
}

function summaryLines({ source, tokens, drift }: ValidationReport): string[] {
  const splits = Object.values(source);
  const sum = (of: 'rows' | 'malformed' | 'empty' | 'unlabeled') =>
    splits.reduce((total, split) => total + split[of], 0);
  const lines = [
    `Read ${count(sum('rows'))} rows; left out ${count(sum('malformed'))} malformed, ${count(sum('empty'))} without a text, ${count(sum('unlabeled'))} without a label.`,
  ];
  if (tokens) {
    const { max_length } = tokens;
    const shares = `${percent(longerThan(tokens, max_length) / tokens.texts)} longer than max_length ${max_length}, ${percent(tokens.unknown / tokens.tokens)} of tokens unknown`;
    lines.push(
      `Tokens of a text: median ${lengthQuantile(tokens, 0.5)}, 95 % have ${lengthQuantile(tokens, 0.95)} or fewer, the longest ${tokens.lengths.length - 1}; ${shares}.`,
    );
  }
  if (drift) {
    const { champion, labels, lengths, characters } = drift;
    lines.push(
      `Against the data of ${champion}, in Production: stability index of labels ${labels.toFixed(3)}, lengths ${lengths.toFixed(3)}, characters ${characters.toFixed(3)}.`,
    );
  }
  return lines;
}

/** For MLflow, so that runs can be compared by their data. */
function figuresOf({ source, tokens, drift, findings }: ValidationReport): Record<string, number> {
  const named = (split: SplitName) => ({
    [`${split}_source_rows`]: source[split].rows,
    [`${split}_malformed_rows`]: source[split].malformed,
  });
  const figures: Record<string, number> = { ...named('train'), ...named('dev'), ...named('test') };
  for (const severity of ['error', 'warning', 'note'] as const) {
    figures[`${severity}s`] = findings.filter((each) => each.severity === severity).length;
  }
  if (tokens) {
    figures.median_tokens = lengthQuantile(tokens, 0.5);
    figures.p95_tokens = lengthQuantile(tokens, 0.95);
    figures.truncated = longerThan(tokens, tokens.max_length) / tokens.texts;
    figures.unknown_tokens = tokens.unknown / tokens.tokens;
  }
  if (drift) {
    figures.drift_labels = drift.labels;
    figures.drift_lengths = drift.lengths;
    figures.drift_characters = drift.characters;
  }
  return figures;
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}
