// @ts-check
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../project.js';
import { serverUri } from './server.js';

/**
 * The tracking server that `ml4 run` with these arguments uses: the same configuration decides.
 *
 * @param {readonly string[]} args of `ml4 run`
 * @returns {Promise<{ uri: string, ours: boolean }>} `ours`: the one that this folder runs
 */
export async function trackingServer(args, env = process.env) {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { config: { type: 'string' }, set: { type: 'string', multiple: true } },
  });
  const { loadConfig } = await import(join(root, 'tasks/dist/pipeline/config.js'));
  const { tracking } = await loadConfig({ file: values.config, env, overrides: values.set ?? [] });
  const own = serverUri(env);
  const uri = tracking.uri ?? (env.MLFLOW_TRACKING_URI || own);
  const ours = uri.replace('//localhost:', '//127.0.0.1:').replace(/\/+$/, '') === own;
  return { uri: ours ? own : uri, ours };
}
