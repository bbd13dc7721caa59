import type { ModelVersion, Stage } from './api/model-version.js';
import type { MlflowClient } from './client.js';
import { callOptions, orUndefined, quoted } from './ensure/key.js';
import { MlflowError } from './errors.js';
import type { CallOptions } from './http.js';

/** A stage that holds one version of a model; the alias of the same name points to that version. */
export type ServingStage = Extract<Stage, 'Staging' | 'Production'>;

export interface Promote extends CallOptions {
  /** Of the registered model. */
  name: string;
  version: string;
  stage: ServingStage;
}

export interface Rollback extends CallOptions {
  /** Of the registered model. */
  name: string;
  stage: ServingStage;
  /**
   * The version that is to leave the stage. With it a call that is repeated rolls back once.
   * @default the one that is in the stage
   */
  from?: string | undefined;
}

/** See {@link MlflowClient.promote}. */
export async function promote(client: MlflowClient, params: Promote): Promise<ModelVersion> {
  const { name, version, stage } = params;
  const before = await inStage(client, params);
  if (before !== undefined && before.version !== version) {
    const key = previousTag(stage);
    const options = callOptions(params);
    await client.modelVersions.setTag({ ...options, name, version, key, value: before.version });
  }
  return moveAlias(client, params);
}

/** See {@link MlflowClient.rollback}. */
export async function rollback(client: MlflowClient, params: Rollback): Promise<ModelVersion> {
  const { name, stage } = params;
  const current = await inStage(client, params);
  const from = params.from ?? current?.version;
  if (from === undefined) throw cannotRollBack(params, 'there is no version in it');
  const target = await previousOf(client, params, from);
  if (target === undefined)
    throw cannotRollBack(params, `none is left that was in it before ${from}`);
  if (current?.version !== from && current?.version !== target) {
    throw cannotRollBack(params, `version ${current?.version ?? 'none'}, not ${from}, is in it`);
  }
  return moveAlias(client, { ...callOptions(params), name, stage, version: target });
}

/** The alias goes first: there is one of it, so that the last of racing callers decides. */
async function moveAlias(client: MlflowClient, params: Promote): Promise<ModelVersion> {
  const { name, version, stage } = params;
  const options = callOptions(params);
  const other = stage === 'Production' ? 'Staging' : 'Production';
  const leaving = await inStage(client, { ...params, stage: other });
  if (leaving?.version === version) {
    await client.registeredModels.deleteAlias({ ...options, name, alias: aliasOf(other) });
  }
  await client.registeredModels.setAlias({ ...options, name, alias: aliasOf(stage), version });
  await alignStages(client, params);
  return client.modelVersions.get({ ...options, name, version });
}

/**
 * Makes the stage agree with the alias, and looks again until nothing is left to do. A caller that
 * was overtaken thus ends by undoing what it did late.
 */
async function alignStages(client: MlflowClient, params: Promote): Promise<void> {
  const { name, stage } = params;
  const options = callOptions(params);
  for (;;) {
    const aliased = await inStage(client, params);
    const versions = client.modelVersions.searchAll({
      ...options,
      filter: `name = ${quoted(name)}`,
    });
    let changed = false;
    for await (const { version, currentStage } of versions) {
      const isIn = currentStage === stage;
      if (isIn === (version === aliased?.version)) continue;
      const to = isIn ? 'Archived' : stage;
      await client.modelVersions.transitionStage({ ...options, name, version, stage: to });
      changed = true;
    }
    if (!changed) return;
  }
}

/** The version that the stage's alias points to. */
function inStage(
  client: MlflowClient,
  params: Omit<Promote, 'version'>,
): Promise<ModelVersion | undefined> {
  const { name, stage } = params;
  const byAlias = { ...callOptions(params), name, alias: aliasOf(stage) };
  return orUndefined(client.registeredModels.getVersionByAlias(byAlias));
}

/** The version that was in the stage before this one, if it is still there. */
async function previousOf(
  client: MlflowClient,
  params: Rollback,
  version: string,
): Promise<string | undefined> {
  const { name, stage } = params;
  const options = callOptions(params);
  const { tags } = await client.modelVersions.get({ ...options, name, version });
  const previous = tags[previousTag(stage)];
  if (previous === undefined) return undefined;
  const found = await orUndefined(
    client.modelVersions.get({ ...options, name, version: previous }),
  );
  return found?.version;
}

function aliasOf(stage: ServingStage): string {
  return stage.toLowerCase();
}

/** Tag of a version: the one that was in the stage before it. */
function previousTag(stage: ServingStage): string {
  return `mlflow-rest-ts.before_in_${aliasOf(stage)}`;
}

function cannotRollBack({ name, stage }: Rollback, reason: string): MlflowError {
  return new MlflowError(`${name} cannot be rolled back in ${stage}: ${reason}`, {
    errorCode: 'INVALID_STATE',
    status: 0,
    method: 'GET',
    path: '/api/2.0/mlflow/registered-models/alias',
    hint: 'promote the version that you want',
  });
}
