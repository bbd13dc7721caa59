import Table from 'cli-table3';
import { type Comparison, compareModels, type Verdict } from 'model-registry';
import pc from 'picocolors';
import { limitsOf } from '../../register/challenge.js';
import {
  checkNotEmpty,
  type ModelOptions,
  openRegistry,
  print,
  type Registry,
  versionNamed,
} from './registry.js';

export const VERDICT_COLORS: Record<Verdict, (text: string) => string> = {
  better: pc.green,
  equal: pc.cyan,
  worse: pc.red,
  'not comparable': pc.yellow,
};

/** `ml4 models compare`: a version against another one, with the verdict and what it rests on. */
export async function compareCommand(
  version: string | undefined,
  against: string | undefined,
  options: ModelOptions,
): Promise<void> {
  const registry = await openRegistry(options);
  checkNotEmpty(registry);
  const [newest] = registry.versions.filter(({ stage }) => stage !== 'Production');
  const challenger = version === undefined ? (newest ?? registry.versions[0]!) : undefined;
  const chosen = challenger ?? versionNamed(registry, version!);
  const other = against === undefined ? undefined : versionNamed(registry, against).version;
  const comparison = await compare(registry, chosen.version, other);
  print(options.json, comparison, comparisonText(comparison));
}

/** Against the version in Production where no other is named. */
export function compare(
  { config, mlflow, name }: Registry,
  version: string,
  against?: string,
): Promise<Comparison> {
  return compareModels(mlflow, { name, version, against, limits: limitsOf(config) });
}

/** The verdict, the reasons, and the figures of both. */
export function comparisonText(comparison: Comparison): string {
  const { verdict, reasons, challenger, champion, figures } = comparison;
  if (verdict === null || !champion) return reasons.join('\n');
  const mine = nameOf(challenger);
  const theirs = nameOf(champion);
  const title = `${mine} against ${theirs.toLowerCase()}: ${VERDICT_COLORS[verdict](verdict)}`;
  const lines = [title, ...reasons.map((reason) => `  - ${reason}`)];
  if (!figures) return lines.join('\n');
  const { accuracy, calibration, worstSlice, latency, mcnemar } = figures;
  const table = new Table({
    head: ['', mine, theirs, 'Difference', '95 %', 'p'],
    style: { head: [], border: [] },
  });
  const signed = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(4)}`;
  const share = (value: number | null) => value?.toFixed(4) ?? '';
  const interval = ({ low, high }: { low: number; high: number }) =>
    `${signed(low)} to ${signed(high)}`;
  table.push(
    [
      'Accuracy',
      share(challenger.accuracy),
      share(champion.accuracy),
      signed(accuracy.difference),
      interval(accuracy),
      mcnemar.p.toPrecision(2),
    ],
    [
      'Calibration error',
      share(calibration.challenger),
      share(calibration.champion),
      signed(calibration.difference),
      interval(calibration),
      '',
    ],
  );
  if (worstSlice) {
    const { name, rows, challenger, champion, difference, p } = worstSlice;
    const title = `Worst slice: ${name} (${rows})`;
    table.push([
      title,
      share(challenger),
      share(champion),
      signed(difference),
      '',
      p.toPrecision(2),
    ]);
  }
  if (latency) {
    const [one, other] = [latency.challenger, latency.champion].map((ms) => `${ms.toFixed(1)} ms`);
    table.push(['One text', one!, other!, `× ${latency.ratio.toFixed(2)}`, '', '']);
  }
  return [...lines, table.toString()].join('\n');
}

function nameOf({ version }: { version: string | null }): string {
  return version === null ? 'The new model' : `Version ${version}`;
}
