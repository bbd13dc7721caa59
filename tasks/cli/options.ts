import { join } from 'node:path';
import { type Config, loadConfig } from '../pipeline/config.js';
import { projectRoot } from '../pipeline/project.js';

/** Options that every command has. */
export interface CommonOptions {
  config?: string;
  set?: string[];
  debug?: true;
}

/** Options of `ml4 run` and of each stage. */
export interface PipelineOptions extends CommonOptions {
  pipeline?: string;
  yes?: true;
  stage?: 'None' | 'Staging' | 'Production';
  fresh?: true;
}

/** The configuration that a command's options and the environment ask for. */
export function configOf(options: CommonOptions): Promise<Config> {
  return loadConfig({
    file: options.config ?? join(projectRoot, 'configs', 'config.yaml'),
    env: process.env,
    overrides: options.set ?? [],
  });
}

/** Whether the command line says what a key is: by a file, or by itself. */
export function isChosen({ config, set = [] }: CommonOptions, key: string): boolean {
  return config !== undefined || set.some((one) => one.startsWith(`${key}=`));
}

export function isDebug(options: CommonOptions): boolean {
  return options.debug === true || Boolean(process.env.ML4_DEBUG);
}
