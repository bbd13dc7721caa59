import type { MlflowClient, Stage } from 'mlflow-rest-ts';
import { aliasesOf, listVersions } from './versions.js';

/** Stages that hold one version at most, each with the alias that points to it. */
const ALIASES = { Staging: 'staging', Production: 'production' } as const;

/** How often two promotions at once may overtake each other before one gives up. */
const ATTEMPTS = 5;

export interface SetStage {
  name: string;
  version: string;
  stage: Stage;
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Moves a version to a stage. Staging and Production hold one version: the one that was there is
 * archived, and the alias `staging` or `production` moves along. Promotions of one model wait for
 * each other within a process; of several processes at once the one that set the alias last wins,
 * and all of them leave the registry in that state (MLflow's own `archive_existing_versions`
 * leaves several versions in Production).
 */
export function setStage(mlflow: MlflowClient, change: SetStage): Promise<void> {
  const turn = (queues.get(change.name) ?? Promise.resolve()).then(() => moveTo(mlflow, change));
  const settled = turn.catch(() => undefined);
  queues.set(change.name, settled);
  return turn;
}

async function moveTo(mlflow: MlflowClient, { name, version, stage }: SetStage): Promise<void> {
  if (stage === 'Staging' || stage === 'Production') {
    await mlflow.registeredModels.setAlias({ name, alias: ALIASES[stage], version });
    await dropAliases(mlflow, { name, version, except: ALIASES[stage] });
    await settle(mlflow, name, stage);
  } else {
    await mlflow.modelVersions.transitionStage({ name, version, stage });
    await dropAliases(mlflow, { name, version });
  }
}

/** Makes the stage hold the version that its alias points to, and no other. */
async function settle(
  mlflow: MlflowClient,
  name: string,
  stage: keyof typeof ALIASES,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const versions = await listVersions(mlflow, name);
    const winner = versions.find(({ aliases }) => aliases.includes(ALIASES[stage]))?.version;
    const wrong = versions.filter((one) => (one.stage === stage) !== (one.version === winner));
    if (wrong.length === 0) return;
    for (const { version } of wrong) {
      const to = version === winner ? stage : 'Archived';
      await mlflow.modelVersions.transitionStage({ name, version, stage: to });
    }
  }
  throw new Error(`Other promotions of ${name} kept changing what is in ${stage}; try again.`);
}

async function dropAliases(
  mlflow: MlflowClient,
  { name, version, except }: { name: string; version: string; except?: string },
): Promise<void> {
  const aliases = await aliasesOf(mlflow, name);
  for (const alias of Object.values(ALIASES)) {
    if (alias !== except && aliases[alias] === version) {
      await mlflow.registeredModels.deleteAlias({ name, alias });
    }
  }
}
