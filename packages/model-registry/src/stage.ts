import type { MlflowClient, Stage } from 'mlflow-rest-ts';
import { aliasesOf } from './versions.js';

export interface SetStage {
  name: string;
  version: string;
  stage: Stage;
}

/**
 * Moves a version to a stage. Staging and Production hold one version, under the alias `staging` or
 * `production`: the one that was there is archived. A version in another stage has no such alias.
 */
export async function setStage(
  mlflow: MlflowClient,
  { name, version, stage }: SetStage,
): Promise<void> {
  if (stage === 'Staging' || stage === 'Production') {
    await mlflow.promote({ name, version, stage });
    return;
  }
  const aliases = await aliasesOf(mlflow, name);
  for (const alias of ['staging', 'production']) {
    if (aliases[alias] === version) await mlflow.registeredModels.deleteAlias({ name, alias });
  }
  await mlflow.modelVersions.transitionStage({ name, version, stage });
}
