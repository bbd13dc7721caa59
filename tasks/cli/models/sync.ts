import { openTracking } from '../../pipeline/run.js';
import { configOf } from '../options.js';
import { type ModelOptions, print, sync } from './registry.js';

/** `ml4 models sync`: rebuilds the mirror file from the server. */
export async function syncCommand(options: ModelOptions): Promise<void> {
  const config = await configOf(options);
  const file = await sync({ config, mlflow: await openTracking(config) });
  print(options.json, { file }, `${file} shows what the registry holds.`);
}
