import type { MlflowClient, ModelVersion, Stage } from 'mlflow-rest-ts';
import { isNotFound } from 'mlflow-rest-ts';

/** Tag of a version that holds its accuracy on the test split. */
export const ACCURACY_TAG = 'ml4.accuracy';

export interface RegisteredVersion {
  name: string;
  version: string;
  stage: Stage;
  aliases: string[];
  /** On the test split, from 0 to 1; null for a version that ml4 did not register. */
  accuracy: number | null;
  /** MLflow logged model. */
  modelId: string | null;
  runId: string | null;
  createdAt: Date;
}

/** Every version of a model, newest first; none where there is no such model. */
export async function listVersions(
  mlflow: MlflowClient,
  name: string,
): Promise<RegisteredVersion[]> {
  const versions: RegisteredVersion[] = [];
  const quote = name.includes("'") ? '"' : "'"; // the filter language has no escapes
  const filter = `name = ${quote}${name}${quote}`;
  for await (const version of mlflow.modelVersions.searchAll({ filter })) {
    versions.push(toRegisteredVersion(version));
  }
  return versions.sort((a, b) => Number(b.version) - Number(a.version));
}

/** What names one version of a model; nothing: the one in Production, else the newest. */
export interface VersionSelector {
  version?: string;
  alias?: string;
  stage?: Stage;
}

/** The version that a selector names; undefined where there is none. */
export async function findVersion(
  mlflow: MlflowClient,
  name: string,
  { version, alias, stage }: VersionSelector = {},
): Promise<RegisteredVersion | undefined> {
  const versions = await listVersions(mlflow, name);
  if (version !== undefined) return versions.find((one) => one.version === version);
  if (stage !== undefined) return versions.find((one) => one.stage === stage);
  if (alias !== undefined) {
    const aliased = await versionBehind(mlflow, name, alias);
    return versions.find((one) => one.version === aliased);
  }
  return versions.find((one) => one.stage === 'Production') ?? versions[0];
}

/** The version that an alias points to; undefined where it points to none. */
export async function versionBehind(
  mlflow: MlflowClient,
  name: string,
  alias: string,
): Promise<string | undefined> {
  try {
    return (await mlflow.registeredModels.get({ name })).aliases[alias];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export function toRegisteredVersion(version: ModelVersion): RegisteredVersion {
  const accuracy = Number.parseFloat(version.tags[ACCURACY_TAG] ?? '');
  return {
    name: version.name,
    version: version.version,
    stage: version.currentStage,
    aliases: version.aliases,
    accuracy: Number.isNaN(accuracy) ? null : accuracy,
    modelId: version.modelId ?? null,
    runId: version.runId ?? null,
    createdAt: new Date(version.creationTimestamp),
  };
}
