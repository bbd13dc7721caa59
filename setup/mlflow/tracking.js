// @ts-check
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../project.js';

/**
 * The tracking server that a pipeline with these arguments uses, as `ml4` itself would find it.
 *
 * @param {readonly string[]} args of `ml4 run`
 * @returns {Promise<string | undefined>} undefined: the one that we start
 */
export async function configuredTrackingUri(args, env = process.env) {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { config: { type: 'string', short: 'c' }, set: { type: 'string', multiple: true } },
  });
  const { loadConfig } = await import(join(root, 'tasks/dist/pipeline/config.js'));
  const { tracking } = await loadConfig({ file: values.config, env, overrides: values.set ?? [] });
  return tracking.uri ?? (env.MLFLOW_TRACKING_URI || undefined);
}
