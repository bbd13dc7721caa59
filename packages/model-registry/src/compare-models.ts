import { isNotFound, type MlflowClient } from 'mlflow-rest-ts';
import { compareJudgments } from './compare-judgments.js';
import {
  type Comparison,
  type Contestant,
  type Limits,
  notComparable,
  withoutChampion,
} from './comparison.js';
import { RegistryError } from './errors.js';
import { CHAMPION_EVALUATION, OWN_EVALUATION, readJudgment } from './evaluation.js';
import { existing, listVersions, type RegisteredVersion } from './versions.js';

/**
 * Compares a version with another one, the one in Production where none is named, by what their
 * evaluations left in MLflow. Nothing is computed anew: versions that were never judged on the same
 * test set are not comparable.
 *
 * @throws RegistryError where there is no such version
 */
export async function compareModels(
  mlflow: MlflowClient,
  {
    name,
    version,
    against,
    limits,
  }: { name: string; version: string; against?: string | undefined; limits?: Limits | undefined },
): Promise<Comparison> {
  const versions = await listVersions(mlflow, name);
  const challenger = existing(versions, { name, version });
  const champion =
    against === undefined
      ? versions.find(({ stage }) => stage === 'Production')
      : existing(versions, { name, version: against });
  if (!champion) return withoutChampion(toContestant(challenger));
  if (champion.version === version) {
    return withoutChampion(
      toContestant(challenger),
      against === undefined
        ? `Version ${version} is the one in Production.`
        : `Version ${version} is not compared with itself.`,
      'is champion',
    );
  }
  return compareModelsOf(mlflow, challenger, champion, limits);
}

/** A model that is not registered yet, and the run that judged it. */
export interface Candidate {
  modelId: string;
  runId: string;
  accuracy: number;
}

/**
 * Compares a model that is not registered yet with the version in Production, as `compareModels` does.
 * One that is in Production itself has no champion.
 */
export async function compareCandidate(
  mlflow: MlflowClient,
  { name, candidate, limits }: { name: string; candidate: Candidate; limits?: Limits | undefined },
): Promise<Comparison> {
  const challenger = { ...candidate, version: null };
  const versions = await listVersions(mlflow, name);
  const champion = versions.find(({ stage }) => stage === 'Production');
  if (!champion || champion.modelId === candidate.modelId) {
    return withoutChampion(toContestant(challenger));
  }
  return compareModelsOf(mlflow, challenger, champion, limits);
}

type JudgedModel = Contestant & Pick<RegisteredVersion, 'runId'>;

async function compareModelsOf(
  mlflow: MlflowClient,
  challenger: JudgedModel,
  champion: JudgedModel,
  limits: Limits | undefined,
): Promise<Comparison> {
  const contestants = {
    challenger: toContestant(challenger),
    champion: toContestant(champion),
  };
  const missing = [challenger, champion].filter(({ modelId, runId }) => !modelId || !runId);
  if (missing.length > 0) {
    return notComparable(
      contestants,
      `Version ${missing[0]!.version} does not say which run judged it: it was not registered by ml4.`,
      'not judged',
    );
  }
  const judge = async (of: JudgedModel, run: JudgedModel, folder: string) => {
    const judgment = await judgmentIn(mlflow, run.runId!, folder);
    return judgment?.evaluation.model_id === of.modelId
      ? { contestant: toContestant(of), judgment: judgment! }
      : undefined;
  };
  try {
    const own = await judge(challenger, challenger, OWN_EVALUATION);
    const beside = own && (await judge(champion, challenger, CHAMPION_EVALUATION));
    if (own && beside) return compareJudgments(own, beside, { sideBySide: true, limits });

    const theirs = await judge(champion, champion, OWN_EVALUATION);
    const besideTheirs = theirs && (await judge(challenger, champion, CHAMPION_EVALUATION));
    if (theirs && besideTheirs) {
      return compareJudgments(besideTheirs, theirs, { sideBySide: true, limits });
    }
    if (own && theirs) return compareJudgments(own, theirs, { sideBySide: false, limits });
    const unjudged = own ? champion : challenger;
    return notComparable(
      contestants,
      `The predictions of ${unjudged.version === null ? 'the new model' : `version ${unjudged.version}`} are gone.`,
      'not judged',
    );
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return notComparable(contestants, error.message, 'unreadable');
  }
}

async function judgmentIn(mlflow: MlflowClient, runId: string, folder: string) {
  try {
    const { artifactUri } = (await mlflow.runs.get({ runId })).info;
    return await readJudgment(mlflow, `${artifactUri}/${folder}`);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function toContestant({ version, modelId, accuracy }: Contestant): Contestant {
  return { version, modelId, accuracy };
}
