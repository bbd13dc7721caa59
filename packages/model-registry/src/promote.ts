import type { MlflowClient, ServingStage, Stage } from 'mlflow-rest-ts';
import { record, recordReplaced, type Who } from './history.js';
import { enter, removeAliases, settle } from './settle.js';
import { existing, listVersions, type RegisteredVersion } from './versions.js';

/** Names a version, and who does something to it. */
export interface ChangeVersion extends Who {
  name: string;
  version: string;
}

/**
 * Puts a version into a stage under the alias of its name. Staging and Production hold one version
 * each: the one that was there is archived. Many may call it at once: one of them remains, and alias
 * and stages agree when all have returned.
 *
 * @throws RegistryError where there is no such version
 */
export async function promote(
  mlflow: MlflowClient,
  { name, version, stage, by, why }: ChangeVersion & { stage: ServingStage },
): Promise<RegisteredVersion> {
  const at = new Date();
  const before = await listVersions(mlflow, name);
  const { stage: from } = existing(before, { name, version });
  await enter(mlflow, { name, version, stage });
  if (from !== stage) await record(mlflow, name, { at, version, from, to: stage, by, why });
  await recordReplaced(mlflow, name, { stage, before, by });
  return existing(await listVersions(mlflow, name), { name, version });
}

/**
 * Takes a version out of its stage, together with the alias.
 *
 * @param change.stage where it goes. Default: from Production to Staging, from Staging to None, else
 *   Archived
 * @throws RegistryError where there is no such version
 */
export async function demote(
  mlflow: MlflowClient,
  change: ChangeVersion & { stage?: Exclude<Stage, 'Production'> | undefined },
): Promise<RegisteredVersion> {
  const { name, version, by, why } = change;
  const at = new Date();
  const { stage: from } = existing(await listVersions(mlflow, name), { name, version });
  const to = change.stage ?? BELOW[from];
  if (to === 'Staging') return promote(mlflow, { name, version, stage: to, by, why });
  await removeAliases(mlflow, { name, version });
  await mlflow.modelVersions.transitionStage({ name, version, stage: to });
  await settle(mlflow, name);
  if (from !== to) await record(mlflow, name, { at, version, from, to, by, why });
  return existing(await listVersions(mlflow, name), { name, version });
}

const BELOW = {
  Production: 'Staging',
  Staging: 'None',
  None: 'Archived',
  Archived: 'Archived',
} as const satisfies Record<Stage, Stage>;

/** Moves a version to any of the four stages: `promote` or `demote`, whichever that is. */
export function setStage(
  mlflow: MlflowClient,
  { stage, ...change }: ChangeVersion & { stage: Stage },
): Promise<RegisteredVersion> {
  if (stage === 'Production') return promote(mlflow, { ...change, stage });
  return demote(mlflow, { ...change, stage });
}
