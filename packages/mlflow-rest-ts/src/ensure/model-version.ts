import type { ModelVersion } from '../api/model-version.js';
import type { CreateModelVersion } from '../api/model-versions.js';
import type { MlflowClient } from '../client.js';
import { isAlreadyExists } from '../errors.js';
import { callOptions, type Key, Keyed, orUndefined, quoted } from './key.js';
import { once } from './once.js';

export type EnsureModelVersion = CreateModelVersion & Key;

/** See {@link MlflowClient.ensureModelVersion}. */
export async function ensureModelVersion(
  client: MlflowClient,
  params: EnsureModelVersion,
): Promise<ModelVersion> {
  const { modelVersions } = client;
  const { name } = params;
  const options = callOptions(params);
  const keyed = new Keyed(params);
  await ensureRegisteredModel(client, name, params);
  return once<ModelVersion>(
    {
      find: async () => {
        const filter = `name = ${quoted(name)} AND ${keyed.filter}`;
        return (await modelVersions.search({ ...options, filter })).modelVersions;
      },
      create: (owner) => modelVersions.create({ ...params, tags: keyed.tags(params.tags, owner) }),
      owner: (version) => keyed.owner(version.tags),
      // The server counts versions, one after the other: there is no turn to take.
      turn: (version) => Number(version.version),
      remove: ({ version }) => modelVersions.delete({ ...options, name, version }),
      id: (version) => version.version,
    },
    options,
  );
}

/** Names of registered models are unique on the server, so that a race ends in one model. */
async function ensureRegisteredModel(
  client: MlflowClient,
  name: string,
  params: EnsureModelVersion,
) {
  const options = callOptions(params);
  const found = await orUndefined(client.registeredModels.get({ ...options, name }));
  if (found !== undefined) return;
  try {
    await client.registeredModels.create({ ...options, name });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
