import { type MlflowClient, MlflowError, type ServingStage } from 'mlflow-rest-ts';
import { RegistryError } from './errors.js';
import { record, recordReplaced, type Who } from './history.js';
import { settle } from './settle.js';
import { existing, listVersions, type RegisteredVersion } from './versions.js';

/**
 * Puts back the version that was in the stage before the one that is there now, which is archived.
 *
 * @param change.stage Default: Production
 * @returns the version that is in the stage then
 * @throws RegistryError where there is none to go back to
 */
export async function rollback(
  mlflow: MlflowClient,
  change: Who & { name: string; stage?: ServingStage | undefined },
): Promise<RegisteredVersion> {
  const { name, stage = 'Production', by, why } = change;
  const at = new Date();
  const before = await listVersions(mlflow, name);
  const left = before.find((one) => one.stage === stage)?.version;
  if (left === undefined) {
    throw new RegistryError(
      `No version of ${name} is in ${stage}, so there is nothing to roll back. Promote the version that you want.`,
    );
  }
  const { version } = await mlflow.rollback({ name, stage, from: left }).catch((error: unknown) => {
    if (!(error instanceof MlflowError) || error.errorCode !== 'INVALID_STATE') throw error;
    throw new RegistryError(
      `No version that was in ${stage} before version ${left} of ${name} is left. Promote the version that you want.`,
      { cause: error },
    );
  });
  await settle(mlflow, name);
  const { stage: from } = existing(before, { name, version });
  const reason = `rolled back from version ${left}${why ? `: ${why}` : ''}`;
  await record(mlflow, name, { at, version, from, to: stage, by, why: reason });
  await recordReplaced(mlflow, name, { stage, before, by });
  return existing(await listVersions(mlflow, name), { name, version });
}
