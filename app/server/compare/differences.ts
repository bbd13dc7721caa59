import type { MlflowClient } from 'mlflow-rest-ts';
import type { RegisteredVersion } from 'model-registry';
import type { TestRow } from '../options.js';
import { Problem } from '../problem.js';

/** How both models see a test text on which they differ. */
export interface Difference {
  id: string;
  text: string;
  /** What the data set says. */
  truth: string;
  champion: { label: string; score: number };
  challenger: { label: string; score: number };
}

export interface Differences {
  /** Texts of the test split. */
  rows: number;
  /** Texts that get different labels. */
  differing: number;
  onlyChallengerRight: number;
  onlyChampionRight: number;
  /** The clearest ones first. */
  examples: Difference[];
}

export interface Judged {
  version: RegisteredVersion;
  labels: readonly string[];
}

const SHOWN = 200;

/**
 * The test texts that two versions label differently, from what the eval stage left for each.
 *
 * @throws Problem where they were judged on different texts, or one has no predictions.
 */
export async function findDifferences(
  mlflow: MlflowClient,
  champion: Judged,
  challenger: Judged,
  test: TestRow[],
): Promise<Differences> {
  const [before, after] = await Promise.all([
    predictionsOf(mlflow, champion.version),
    predictionsOf(mlflow, challenger.version),
  ]);
  const found: (Difference & { distance: number })[] = [];
  let onlyChallengerRight = 0;
  let onlyChampionRight = 0;
  for (const { id, text, label } of test) {
    const a = before.get(id);
    const b = after.get(id);
    if (!a || !b || a.truth !== b.truth || a.truth !== label) throw differentTexts();
    const one = named(a.probabilities, champion.labels);
    const two = named(b.probabilities, challenger.labels);
    if (one.label === two.label) continue;
    const truth = champion.labels[label]!;
    if (one.label === truth) onlyChampionRight++;
    if (two.label === truth) onlyChallengerRight++;
    const distance = one.score + two.score;
    found.push({ id, text, truth, champion: one, challenger: two, distance });
  }
  found.sort((a, b) => b.distance - a.distance || (a.id < b.id ? -1 : 1));
  const examples = found.slice(0, SHOWN).map(({ distance: _, ...example }) => example);
  return {
    rows: test.length,
    differing: found.length,
    onlyChallengerRight,
    onlyChampionRight,
    examples,
  };
}

function named(probabilities: readonly number[], labels: readonly string[]) {
  const score = Math.max(...probabilities);
  return { label: labels[probabilities.indexOf(score)]!, score };
}

function differentTexts(): Problem {
  const message = 'The two versions were judged on different test texts.';
  return new Problem(409, 'not_comparable', message);
}

type Predictions = Map<string, { truth: number; probabilities: number[] }>;

async function predictionsOf(
  mlflow: MlflowClient,
  { version, runId }: RegisteredVersion,
): Promise<Predictions> {
  if (runId === null) {
    throw new Problem(409, 'not_comparable', `Version ${version} was not judged by ml4.`);
  }
  const { info } = await mlflow.runs.get({ runId });
  const bytes = await mlflow.readArtifact(`${info.artifactUri}/eval/predictions.jsonl`);
  const predictions: Predictions = new Map();
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line) as { id: string; label: number; probabilities: number[] };
    predictions.set(row.id, { truth: row.label, probabilities: row.probabilities });
  }
  return predictions;
}
