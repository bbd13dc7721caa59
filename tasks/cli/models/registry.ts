import { resolve } from 'node:path';
import type { MlflowClient } from 'mlflow-rest-ts';
import {
  listModels,
  listVersions,
  type RegisteredModel,
  type RegisteredVersion,
  selectVersion,
  syncMirror,
} from 'model-registry';
import type { Config } from '../../pipeline/config.js';
import { InputError } from '../../pipeline/errors.js';
import { projectRoot } from '../../pipeline/project.js';
import { openTracking } from '../../pipeline/run.js';
import { currentUser } from '../../register/user.js';
import { terminalPrompts } from '../display.js';
import { type CommonOptions, configOf, isChosen } from '../options.js';

/** Options of every command that is about a registered model. */
export interface ModelOptions extends CommonOptions {
  model?: string;
  json?: true;
}

/** Options of those that change something. */
export interface ChangeOptions extends ModelOptions {
  why?: string;
  yes?: true;
}

/** A registered model, and what is needed to work on it. */
export interface Registry {
  config: Config;
  mlflow: MlflowClient;
  name: string;
  /** Newest first; none where nothing is registered under the name. */
  versions: RegisteredVersion[];
}

/**
 * Opens the model that `--model` or the configuration names. Where neither `--model` nor `--config`
 * does and the default one has no version, that is the model with the newest version, and stderr says
 * so: after the quickstart nobody has to name it.
 */
export async function openRegistry(options: ModelOptions): Promise<Registry> {
  const config = await configOf(options);
  const mlflow = await openTracking(config);
  const found = await findModel(config, mlflow, options);
  const configured = options.model ?? config.model.registered_name;
  if (found.name !== configured) {
    process.stderr.write(
      `Nothing is registered as ${configured}; this is ${found.name}, the newest model. --model names another.\n`,
    );
  }
  return { config, mlflow, ...found };
}

/** The model that a command is about, as {@link openRegistry} describes it. */
export async function findModel(
  config: Config,
  mlflow: MlflowClient,
  options: ModelOptions,
): Promise<RegisteredModel> {
  const name = options.model ?? config.model.registered_name;
  const versions = await listVersions(mlflow, name);
  const isNamed = options.model !== undefined || isChosen(options, 'model.registered_name');
  if (versions.length > 0 || isNamed) return { name, versions };
  const models = await listModels(mlflow);
  return models.find((model) => model.versions.length > 0) ?? { name, versions };
}

/** @throws InputError where the model has no version yet */
export function checkNotEmpty({ name, versions }: Registry): void {
  if (versions.length > 0) return;
  throw new InputError(`No version of ${name} is registered yet.`, {
    fix: '`npm start` or `ml4 run` makes one; --model names another model.',
  });
}

/**
 * The version that an argument names: a number, or an alias or stage such as `production`. Without an
 * argument a person chooses from a numbered list.
 *
 * @throws InputError where there is no such version, or nobody to ask
 */
export async function chooseVersion(
  registry: Registry,
  argument: string | undefined,
  question: string,
): Promise<RegisteredVersion> {
  checkNotEmpty(registry);
  const { name, versions } = registry;
  if (argument !== undefined) return versionNamed(registry, argument);
  const prompts = terminalPrompts(NEVER);
  if (!prompts) {
    throw new InputError('Which version?', {
      fix: `Name it by its number; there are: ${versions.map(({ version }) => version).join(', ')}.`,
    });
  }
  const lines = versions.map(
    ({ version, stage, accuracy }) =>
      `version ${version}, ${stage}${accuracy === null ? '' : `, accuracy ${accuracy.toFixed(4)}`}`,
  );
  const line = await prompts.choose(`${question} (${name})`, lines);
  return versions[lines.indexOf(line)]!;
}

/** @throws InputError where there is none */
export function versionNamed({ name, versions }: Registry, argument: string): RegisteredVersion {
  const alias = argument.toLowerCase();
  const found =
    selectVersion(versions, { version: argument }) ??
    selectVersion(versions, { alias }) ??
    versions.find(({ stage }) => stage.toLowerCase() === alias);
  if (found) return found;
  throw new InputError(`${name} has no version ${argument}.`, {
    fix: `There are: ${versions.map(({ version }) => version).join(', ')}.`,
  });
}

/**
 * Asks for a yes, unless `--yes` gives it.
 *
 * @throws InputError where there is nobody to ask
 */
export async function confirm({ yes }: ChangeOptions, question: string): Promise<boolean> {
  if (yes) return true;
  const prompts = terminalPrompts(NEVER);
  if (prompts) return prompts.confirm(question);
  throw new InputError('There is no terminal to ask at.', { fix: '--yes answers in a script.' });
}

/** Ctrl-C ends a question by itself. */
const NEVER = new AbortController().signal;

/** Who and why, for the history. */
export function who({ why }: ChangeOptions): { by: string; why: string | undefined } {
  return { by: currentUser(), why };
}

/** Rebuilds the mirror file after a change. */
export async function sync({
  config,
  mlflow,
}: Pick<Registry, 'config' | 'mlflow'>): Promise<string> {
  const file = resolve(projectRoot, config.register.mirror);
  await syncMirror(mlflow, file);
  return file;
}

/** Prints JSON for a script, else lines for people. */
export function print(json: true | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`);
}
