import type { CreateLoggedModel, LoggedModel } from '../api/logged-models.js';
import type { MlflowClient } from '../client.js';
import { callOptions, type Key, Keyed, turnValue } from './key.js';
import { once } from './once.js';

export type EnsureLoggedModel = CreateLoggedModel & Key;

/** See {@link MlflowClient.ensureLoggedModel}. */
export function ensureLoggedModel(
  client: MlflowClient,
  params: EnsureLoggedModel,
): Promise<LoggedModel> {
  const { loggedModels } = client;
  const { experimentId } = params;
  const options = callOptions(params);
  const keyed = new Keyed(params);
  const candidates = {
    find: async () => {
      const filter = keyed.filter;
      const search = { ...options, experimentIds: [experimentId], filter };
      return (await loggedModels.search(search)).models;
    },
    create: (owner: string) =>
      loggedModels.create({ ...params, tags: keyed.tags(params.tags, owner) }),
    owner: (model: LoggedModel) => keyed.owner(model.tags),
    turn: (model: LoggedModel) => keyed.turn(model.tags),
    take: (model: LoggedModel, turn: number) =>
      loggedModels.setTags({
        ...options,
        modelId: model.modelId,
        tags: { [keyed.turnTag]: turnValue(turn, keyed.owner(model.tags) ?? '') },
      }),
    remove: (model: LoggedModel) => loggedModels.delete({ ...options, modelId: model.modelId }),
    id: (model: LoggedModel) => model.modelId,
  };
  return once<LoggedModel>(candidates, options);
}
