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
  const aliases = await aliasesOf(mlflow, name); // a search leaves them out
  const versions: RegisteredVersion[] = [];
  const quote = name.includes("'") ? '"' : "'"; // the filter language has no escapes
  const filter = `name = ${quote}${name}${quote}`;
  for await (const version of mlflow.modelVersions.searchAll({ filter })) {
    versions.push(toRegisteredVersion(version, aliases));
  }
  return versions.sort((a, b) => Number(b.version) - Number(a.version));
}

/** What names one version of a model; nothing: the one in Production, else the newest. */
export interface VersionSelector {
  version?: string | undefined;
  alias?: string | undefined;
  stage?: Stage | undefined;
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
  if (alias !== undefined) return versions.find((one) => one.aliases.includes(alias));
  return versions.find((one) => one.stage === 'Production') ?? versions[0];
}

/** The version that each alias of a model points to. */
export async function aliasesOf(
  mlflow: MlflowClient,
  name: string,
): Promise<Record<string, string>> {
  try {
    return (await mlflow.registeredModels.get({ name })).aliases;
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}

function toRegisteredVersion(
  version: ModelVersion,
  aliases: Record<string, string>,
): RegisteredVersion {
  const accuracy = Number.parseFloat(version.tags[ACCURACY_TAG] ?? '');
  return {
    name: version.name,
    version: version.version,
    stage: version.currentStage,
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === version.version),
    accuracy: Number.isNaN(accuracy) ? null : accuracy,
    modelId: version.modelId || null, // the server says '' where there is none
    runId: version.runId || null,
    createdAt: new Date(version.creationTimestamp),
  };
}
