import type { Run } from '../api/run.js';
import type { CreateRun } from '../api/runs.js';
import type { MlflowClient } from '../client.js';
import { callOptions, type Key, Keyed, turnValue } from './key.js';
import { once } from './once.js';

export type EnsureRun = CreateRun & Key;

/** See {@link MlflowClient.ensureRun}. */
export function ensureRun(client: MlflowClient, params: EnsureRun): Promise<Run> {
  const { experimentId } = params;
  const options = callOptions(params);
  const keyed = new Keyed(params);
  const candidates = {
    find: async () => {
      const filter = keyed.filter;
      const page = await client.runs.search({ ...options, experimentIds: [experimentId], filter });
      return page.runs;
    },
    create: (owner: string) =>
      client.runs.create({ ...params, tags: keyed.tags(params.tags, owner) }),
    owner: (run: Run) => keyed.owner(run.data.tags),
    turn: (run: Run) => keyed.turn(run.data.tags),
    take: (run: Run, turn: number) =>
      client.runs.setTag({
        ...options,
        runId: run.info.runId,
        key: keyed.turnTag,
        value: turnValue(turn, keyed.owner(run.data.tags) ?? ''),
      }),
    remove: (run: Run) => client.runs.delete({ ...options, runId: run.info.runId }),
    id: (run: Run) => run.info.runId,
  };
  return once<Run>(candidates, options);
}
