import { randomBytes } from 'node:crypto';
import {
  isNotFound,
  type MlflowClient,
  type ModelVersion,
  type ServingStage,
  type Stage,
} from 'mlflow-rest-ts';
import { modelOf, versionsOf } from './search.js';
import { aliasOf } from './settle.js';
import type { RegisteredVersion } from './versions.js';

/** A version went from one stage to another. */
export interface Change {
  /** ISO 8601, UTC. */
  at: string;
  version: string;
  from: Stage;
  to: Stage | 'deleted';
  by: string;
  why: string | null;
}

/** Who changes something, and why. */
export interface Who {
  by: string;
  /** Cut after 500 characters. */
  why?: string | undefined;
}

/** A change as it happens. */
type NewChange = Omit<Change, 'at' | 'why'> & Who & { at: Date };

/** Each change has a tag of its own, so that of changes at the same time none is lost. */
const PREFIX = 'ml4.history.';

/** MLflow keeps less than 5,000 characters in a tag of a version. */
const LONGEST = 500;

/**
 * Who moved which version when, and why, the oldest first. It stands in the tags of the versions, and
 * that of deleted ones in those of the model, where MLflow's page shows it.
 *
 * @param version of all versions where none is named
 */
export async function historyOf(
  mlflow: MlflowClient,
  name: string,
  version?: string,
): Promise<Change[]> {
  const changes = changesIn((await modelOf(mlflow, name)).tags);
  for await (const { tags } of versionsOf(mlflow, name)) changes.push(...changesIn(tags));
  return sorted(changes).filter((change) => version === undefined || change.version === version);
}

/** The changes among the tags of a version or a model, the oldest first. */
export function changesIn(tags: Record<string, string>): Change[] {
  const changes = Object.entries(tags)
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([, value]) => parse(value));
  return sorted(changes.filter((change) => change !== undefined));
}

/** Adds to the history of a version. */
export async function record(mlflow: MlflowClient, name: string, change: NewChange): Promise<void> {
  const { version } = change;
  await mlflow.modelVersions.setTag({ name, version, ...tagOf(toChange(change)) });
}

/**
 * Adds to the histories of the versions that had to leave a stage because another one entered it.
 *
 * @param before the versions as they were
 */
export async function recordReplaced(
  mlflow: MlflowClient,
  name: string,
  { stage, before, by }: { stage: ServingStage; before: readonly RegisteredVersion[]; by: string },
): Promise<void> {
  const versions: ModelVersion[] = [];
  for await (const version of versionsOf(mlflow, name)) versions.push(version);
  // Read last: who has the alias is in the stage, whatever others are just doing to its stage.
  const holder = (await modelOf(mlflow, name)).aliases[aliasOf(stage)];
  for (const { version, currentStage, tags } of versions) {
    if (version === holder || currentStage === stage) continue;
    const last = changesIn(tags).at(-1)?.to;
    const wasThere = before.some((one) => one.version === version && one.stage === stage);
    if (last === undefined ? !wasThere : last !== stage) continue;
    const why = holder && `version ${holder} took its place`;
    const change = { at: new Date(), version, from: stage, to: currentStage, by, why };
    await record(mlflow, name, change).catch((error: unknown) => {
      if (!isNotFound(error)) throw error; // deleted meanwhile
    });
  }
}

/** Keeps the history of a deleted version, whose tags are gone, among the model's tags. */
export async function recordDeleted(
  mlflow: MlflowClient,
  name: string,
  before: readonly Change[],
  deletion: NewChange,
): Promise<void> {
  for (const change of [...before, toChange(deletion)]) {
    await mlflow.registeredModels.setTag({ name, ...tagOf(change) });
  }
}

function toChange({ at, version, from, to, by, why }: NewChange): Change {
  return { at: at.toISOString(), version, from, to, by: cut(by), why: why ? cut(why) : null };
}

/** The key begins with the time: MLflow's page sorts tags by key. */
function tagOf(change: Change): { key: string; value: string } {
  const key = `${PREFIX}${change.at.replaceAll(':', '.')}-${randomBytes(2).toString('hex')}`;
  return { key, value: JSON.stringify(change) };
}

/** What somebody wrote by hand under such a key is no change. */
function parse(value: string): Change | undefined {
  try {
    const change = JSON.parse(value) as Partial<Record<keyof Change, unknown>> | null;
    const texts = [change?.at, change?.version, change?.from, change?.to, change?.by];
    if (!texts.every((text) => typeof text === 'string')) return undefined;
    return { why: null, ...change } as Change;
  } catch {
    return undefined;
  }
}

function sorted(changes: Change[]): Change[] {
  return changes.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function cut(text: string): string {
  return [...text].slice(0, LONGEST).join('');
}
