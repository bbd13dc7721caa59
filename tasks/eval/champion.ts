import { TextClassifier } from 'bert-tfjs';
import { isNotFound } from 'mlflow-rest-ts';
import {
  CHAMPION_EVALUATION,
  findVersion,
  type Judgment,
  OWN_EVALUATION,
  type RegisteredVersion,
  RegistryError,
  readJudgment,
} from 'model-registry';
import type { Config } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { explainError } from '../pipeline/explain.js';
import { type EvalMetrics, writeManifest } from '../pipeline/manifest.js';
import { registeredModelFolder } from '../pipeline/registered-model.js';
import { figuresOf, measure, predictionLines } from './evaluate.js';
import { predictRows } from './predict.js';
import type { Row } from './read-split.js';

/** The version in Production, loaded. */
export interface Champion {
  version: RegisteredVersion;
  classifier: TextClassifier;
  /** What it was judged by before, where that was on the same test set. */
  stored: Judgment | undefined;
}

/** The test set that both models are judged on. */
interface TestSet {
  sha256: string;
  labels: readonly string[];
}

/**
 * Loads the version in Production, to be judged beside the new model; undefined where there is none, or
 * it is the new model itself. One that cannot be judged is no failure: the log says why, and the models
 * are then not comparable.
 */
export async function openChampion(
  config: Config,
  { mlflow, volume, logger }: StageContext,
  { modelId, test }: { modelId: string; test: TestSet },
): Promise<Champion | undefined> {
  const name = config.model.registered_name;
  const version = await findVersion(mlflow, name, { stage: 'Production' });
  if (!version || version.modelId === modelId) return undefined;
  const notJudged = (why: string) => {
    logger.warn(`${name} ${version.version}, which is in Production, cannot be judged: ${why}`);
    return undefined;
  };
  try {
    const folder = await registeredModelFolder(mlflow, version, volume.root);
    const { precision, threads } = config.train;
    const classifier = await TextClassifier.load(folder, { precision, threads });
    if (classifier.labels.join('\n') !== test.labels.join('\n')) {
      classifier.dispose();
      return notJudged(`its labels are ${classifier.labels.join(', ')}.`);
    }
    return { version, classifier, stored: await storedJudgment(mlflow, version, test) };
  } catch (error) {
    return notJudged(explainError(error).message);
  }
}

/**
 * Leaves the champion's evaluation and predictions: from its own run where that was on these texts,
 * else predicted now. The champion is disposed of.
 *
 * @param facts.figures the new model's
 * @param facts.latency the champion's
 */
export async function judgeChampion(
  { version, classifier, stored }: Champion,
  {
    config,
    context,
    rows,
    figures,
    latency,
  }: {
    config: Config;
    context: StageContext;
    rows: readonly Row[];
    figures: EvalMetrics;
    latency: NonNullable<EvalMetrics['latency']>;
  },
): Promise<void> {
  const { volume, logger } = context;
  let evaluation = stored?.evaluation;
  let lines = stored?.predictions.map((row) => `${JSON.stringify(row)}\n`).join('');
  try {
    if (evaluation === undefined) {
      logger.info(`Judging version ${version.version}, which is in Production, on the same texts.`);
      const { predictions, reviewsPerSecond } = await predictRows(
        (indexes, options) =>
          classifier.predict(
            indexes.map((index) => rows[index]!.text),
            options,
          ),
        rows,
        { batchSize: config.eval.batch_size },
        context,
      );
      const labels = figures.labels!;
      evaluation = {
        ...figures,
        model_id: version.modelId ?? '',
        ...figuresOf(measure(predictions, labels, config.train.seed)),
        reviews_per_second: Number(reviewsPerSecond.toPrecision(4)),
      };
      lines = predictionLines(predictions);
    }
  } finally {
    classifier.dispose();
  }
  await volume.writeArtifact(`${CHAMPION_EVALUATION}/predictions.jsonl`, lines!);
  await writeManifest(volume, 'eval/champion/metrics.json', { ...evaluation, latency });
}

/** What its own run says of it, where that is about the same test set. */
async function storedJudgment(
  mlflow: StageContext['mlflow'],
  { runId, modelId }: RegisteredVersion,
  { sha256 }: TestSet,
): Promise<Judgment | undefined> {
  if (runId === null) return undefined;
  try {
    const { artifactUri } = (await mlflow.runs.get({ runId })).info;
    const judgment = await readJudgment(mlflow, `${artifactUri}/${OWN_EVALUATION}`);
    const { model_id, test_sha256 } = judgment?.evaluation ?? {};
    return model_id === modelId && test_sha256 === sha256 ? judgment : undefined;
  } catch (error) {
    if (isNotFound(error) || error instanceof RegistryError) return undefined;
    throw error;
  }
}
