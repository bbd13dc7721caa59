import type { MlflowClient, ModelVersion, Stage } from 'mlflow-rest-ts';
import { RegistryError } from './errors.js';
import { modelOf, versionsOf } from './search.js';

/** Tags of a version that hold its accuracy on the test split, and the ends of the 95 % interval. */
export const ACCURACY_TAG = 'ml4.accuracy';
export const ACCURACY_LOW_TAG = 'ml4.accuracy_low';
export const ACCURACY_HIGH_TAG = 'ml4.accuracy_high';

export interface RegisteredVersion {
  name: string;
  version: string;
  stage: Stage;
  aliases: string[];
  /** On the test split, from 0 to 1; null for a version that ml4 did not register. */
  accuracy: number | null;
  /** Its 95 % interval; null where it was not recorded. */
  accuracyInterval: { low: number; high: number } | null;
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
  const { aliases } = await modelOf(mlflow, name);
  const versions: RegisteredVersion[] = [];
  for await (const version of versionsOf(mlflow, name)) {
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
  selector: VersionSelector = {},
): Promise<RegisteredVersion | undefined> {
  return selectVersion(await listVersions(mlflow, name), selector);
}

/** The one of a model's versions, newest first, that a selector names. */
export function selectVersion(
  versions: readonly RegisteredVersion[],
  { version, alias, stage }: VersionSelector,
): RegisteredVersion | undefined {
  if (version !== undefined) return versions.find((one) => one.version === version);
  if (stage !== undefined) return versions.find((one) => one.stage === stage);
  if (alias !== undefined) return versions.find((one) => one.aliases.includes(alias));
  return versions.find((one) => one.stage === 'Production') ?? versions[0];
}

/** @throws RegistryError where it is not among them, saying which there are. */
export function existing(
  versions: readonly RegisteredVersion[],
  { name, version }: { name: string; version: string },
): RegisteredVersion {
  const found = versions.find((one) => one.version === version);
  if (found) return found;
  const others = versions.map((one) => one.version).join(', ');
  throw new RegistryError(
    versions.length === 0
      ? `There is no registered model ${name}, or it has no version.`
      : `There is no version ${version} of ${name}; there are: ${others}.`,
  );
}

export function toRegisteredVersion(
  version: ModelVersion,
  aliases: Record<string, string>,
): RegisteredVersion {
  const { tags } = version;
  const low = figure(tags[ACCURACY_LOW_TAG]);
  const high = figure(tags[ACCURACY_HIGH_TAG]);
  return {
    name: version.name,
    version: version.version,
    stage: version.currentStage,
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === version.version),
    accuracy: figure(tags[ACCURACY_TAG]),
    accuracyInterval: low === null || high === null ? null : { low, high },
    modelId: version.modelId || null, // the server says '' where there is none
    runId: version.runId || null,
    createdAt: new Date(version.creationTimestamp),
  };
}

function figure(tag: string | undefined): number | null {
  const value = Number.parseFloat(tag ?? '');
  return Number.isNaN(value) ? null : value;
}
