import type { MlflowClient } from 'mlflow-rest-ts';
import { RegistryError } from './errors.js';
import { changesIn, recordDeleted } from './history.js';
import type { ChangeVersion } from './promote.js';
import { removeAliases } from './settle.js';
import { existing, listVersions } from './versions.js';

/**
 * Deletes a version, not its run or its files. Its history moves to the model's tags.
 *
 * @throws RegistryError where there is no such version, or it is in Production
 */
export async function deleteVersion(
  mlflow: MlflowClient,
  { name, version, by, why }: ChangeVersion,
): Promise<void> {
  const at = new Date();
  const { stage: from } = existing(await listVersions(mlflow, name), { name, version });
  if (from === 'Production') {
    throw new RegistryError(
      `Version ${version} of ${name} is in Production. Promote another one first, or demote it.`,
    );
  }
  const { tags } = await mlflow.modelVersions.get({ name, version });
  await removeAliases(mlflow, { name, version });
  await mlflow.modelVersions.delete({ name, version });
  const deletion = { at, version, from, to: 'deleted', by, why } as const;
  await recordDeleted(mlflow, name, changesIn(tags), deletion);
}
