import { Ajv } from 'ajv';
import { isNotFound, type MlflowClient } from 'mlflow-rest-ts';
import type { Comparison } from './comparison.js';
import { type Evaluation, OWN_EVALUATION, parse, readEvaluation, readText } from './evaluation.js';
import { type Change, changesIn } from './history.js';
import { existing, listVersions, type RegisteredVersion } from './versions.js';

/** All that is known of a version. What is not there is null, as for versions of other programs. */
export interface VersionDetails extends RegisteredVersion {
  /** Markdown. */
  description: string;
  tags: Record<string, string>;
  evaluation: Evaluation | null;
  training: Training | null;
  data: TrainingData | null;
  pretrained: { name: string; revision: string; sha256: string } | null;
  run: VersionRun | null;
  /** With the version that was in Production when this one was registered. */
  comparison: Comparison | null;
  /** Oldest first. */
  history: Change[];
}

export interface Training {
  best: { epoch: number; step: number; dev_accuracy: number; dev_loss: number };
  history: {
    epoch: number;
    step: number;
    train_loss: number;
    dev_loss: number;
    dev_accuracy: number;
  }[];
  seconds: number;
}

export interface TrainingData {
  name: string;
  revision: string;
  sha256: string;
  labels: string[];
  rows: { train: number; dev: number; test: number };
}

export interface VersionRun {
  runId: string;
  experimentId: string;
  name: string;
  status: string;
  user: string | null;
  commit: string | null;
  /** Milliseconds since 1970. */
  startTime: number | null;
}

/** Where the gate leaves the comparison among a run's artifacts. */
export const COMPARISON = 'register/comparison.json';

/**
 * A version with its figures, curves, data, run and history.
 *
 * @throws RegistryError where there is no such version
 */
export async function showVersion(
  mlflow: MlflowClient,
  { name, version }: { name: string; version: string },
): Promise<VersionDetails> {
  const registered = existing(await listVersions(mlflow, name), { name, version });
  const { tags, description } = await mlflow.modelVersions.get({ name, version });
  const run = registered.runId === null ? undefined : await findRun(mlflow, registered.runId);
  const left = run ? await readLeft(mlflow, run.info.artifactUri) : NOTHING;
  return {
    ...registered,
    description: description ?? '',
    tags,
    ...left,
    run: run
      ? {
          runId: run.info.runId,
          experimentId: run.info.experimentId,
          name: run.info.runName ?? run.info.runId,
          status: run.info.status,
          user: run.data.tags['mlflow.user'] ?? null,
          commit: run.data.tags['mlflow.source.git.commit'] ?? null,
          startTime: run.info.startTime ?? null,
        }
      : null,
    history: changesIn(tags),
  };
}

const NOTHING = {
  evaluation: null,
  training: null,
  data: null,
  pretrained: null,
  comparison: null,
};

/** What the stages of the pipeline left among the artifacts of its run. */
async function readLeft(
  mlflow: MlflowClient,
  artifactUri: string,
): Promise<Pick<VersionDetails, 'evaluation' | 'training' | 'data' | 'pretrained' | 'comparison'>> {
  const json = async (path: string) =>
    parse((await readText(mlflow, `${artifactUri}/${path}`)) ?? '');
  const [evaluation, training, fetched, comparison] = await Promise.all([
    readEvaluation(mlflow, `${artifactUri}/${OWN_EVALUATION}`),
    json('train/manifest.json'),
    json('fetch/manifest.json'),
    readComparison(mlflow, artifactUri),
  ]);
  const { dataset, pretrained } = isFetched(fetched) ? fetched : {};
  return {
    evaluation: evaluation ?? null,
    training: isTraining(training) ? training : null,
    data: dataset
      ? {
          name: dataset.name,
          revision: dataset.revision,
          sha256: dataset.sha256,
          labels: dataset.labels,
          rows: {
            train: dataset.splits.train.rows,
            dev: dataset.splits.dev.rows,
            test: dataset.splits.test.rows,
          },
        }
      : null,
    pretrained: pretrained
      ? { name: pretrained.name, revision: pretrained.revision, sha256: pretrained.sha256 }
      : null,
    comparison: comparison ?? null,
  };
}

/** The comparison that the gate left among a run's artifacts; undefined where there is none. */
export async function readComparison(
  mlflow: MlflowClient,
  artifactUri: string,
): Promise<Comparison | undefined> {
  const comparison = parse((await readText(mlflow, `${artifactUri}/${COMPARISON}`)) ?? '');
  return isComparison(comparison) ? comparison : undefined;
}

async function findRun(mlflow: MlflowClient, runId: string) {
  try {
    return await mlflow.runs.get({ runId });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const ajv = new Ajv({ allowUnionTypes: true });
const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const point = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, number])),
});

const isTraining = ajv.compile<Training>({
  type: 'object',
  required: ['best', 'history', 'seconds'],
  properties: {
    best: point('epoch', 'step', 'dev_accuracy', 'dev_loss'),
    history: {
      type: 'array',
      items: point('epoch', 'step', 'train_loss', 'dev_loss', 'dev_accuracy'),
    },
    seconds: number,
  },
});

interface Fetched {
  dataset: Omit<TrainingData, 'rows'> & {
    splits: Record<keyof TrainingData['rows'], { rows: number }>;
  };
  pretrained: { name: string; revision: string; sha256: string };
}

const origin = { name: text, revision: text, sha256: text };
const isFetched = ajv.compile<Fetched>({
  type: 'object',
  required: ['dataset', 'pretrained'],
  properties: {
    dataset: {
      type: 'object',
      required: ['name', 'revision', 'sha256', 'labels', 'splits'],
      properties: {
        ...origin,
        labels: { type: 'array', items: text },
        splits: {
          type: 'object',
          required: ['train', 'dev', 'test'],
          properties: { train: point('rows'), dev: point('rows'), test: point('rows') },
        },
      },
    },
    pretrained: { type: 'object', required: ['name', 'revision', 'sha256'], properties: origin },
  },
});

const isComparison = ajv.compile<Comparison>({
  type: 'object',
  required: ['version', 'verdict', 'reasons', 'challenger', 'champion', 'figures'],
  properties: {
    version: { type: 'number', const: 1 },
    verdict: { enum: ['better', 'equal', 'worse', 'not comparable', null] },
    reasons: { type: 'array', items: text },
    challenger: { type: 'object' },
    champion: { type: ['object', 'null'] },
    figures: { type: ['object', 'null'] },
  },
});
