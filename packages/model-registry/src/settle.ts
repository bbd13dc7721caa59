import { isNotFound, type MlflowClient, type ServingStage } from 'mlflow-rest-ts';
import { modelOf } from './search.js';
import { listVersions } from './versions.js';

/** Stages that hold one version each, under the alias of their name. */
const SERVING: readonly ServingStage[] = ['Production', 'Staging'];

export function aliasOf(stage: ServingStage): string {
  return stage.toLowerCase();
}

/**
 * Puts a version into a stage. A demotion at the same time may take the alias away when it is
 * already this version's: then it is put back.
 */
export async function enter(
  mlflow: MlflowClient,
  { name, version, stage }: { name: string; version: string; stage: ServingStage },
): Promise<void> {
  do await mlflow.promote({ name, version, stage });
  while ((await modelOf(mlflow, name)).aliases[aliasOf(stage)] === undefined);
  await settle(mlflow, name);
}

/**
 * Makes aliases and stages agree, and looks again until nothing is left to do. Whoever changes
 * something ends with it, so that what calls at the same time left half done is mended by the last.
 */
export async function settle(mlflow: MlflowClient, name: string): Promise<void> {
  for (;;) {
    const { aliases } = await modelOf(mlflow, name);
    const versions = await listVersions(mlflow, name);
    const unsettled = SERVING.map((stage) => {
      const inStage = versions.filter((one) => one.stage === stage).map((one) => one.version);
      const version = aliases[aliasOf(stage)] ?? inStage[0];
      const isSettled = inStage.length === 1 && aliases[aliasOf(stage)] === inStage[0];
      return version === undefined || isSettled ? undefined : { name, version, stage };
    }).find((one) => one !== undefined);
    if (!unsettled) return;
    try {
      await mlflow.promote(unsettled);
    } catch (error) {
      if (!isNotFound(error)) throw error; // deleted meanwhile, and its aliases with it
    }
  }
}

/** Takes the aliases of the serving stages from a version. */
export async function removeAliases(
  mlflow: MlflowClient,
  { name, version }: { name: string; version: string },
): Promise<void> {
  const { aliases } = await modelOf(mlflow, name);
  for (const alias of SERVING.map(aliasOf)) {
    if (aliases[alias] === version) await mlflow.registeredModels.deleteAlias({ name, alias });
  }
}
