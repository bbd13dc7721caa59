import {
  deleteVersion,
  demote,
  meets,
  promote,
  type RegisteredVersion,
  rollback,
  unmet,
} from 'model-registry';
import { GateNotPassed } from '../../pipeline/errors.js';
import { compare, comparisonText } from './compare.js';
import {
  type ChangeOptions,
  checkNotEmpty,
  chooseVersion,
  confirm,
  openRegistry,
  print,
  type Registry,
  sync,
  who,
} from './registry.js';

type ServingStage = 'Staging' | 'Production';

/** `ml4 models promote`: into Production, where the gate's verdict allows it, or Staging. */
export async function promoteCommand(
  argument: string | undefined,
  options: ChangeOptions & { stage: ServingStage; force?: true },
): Promise<void> {
  const registry = await openRegistry(options);
  const { stage } = options;
  const { version } = await chooseVersion(registry, argument, `Which version to ${stage}?`);
  if (stage === 'Production') await checkVerdict(registry, version, options);
  const holder = registry.versions.find((one) => one.stage === stage);
  const instead =
    holder && holder.version !== version ? ` instead of version ${holder.version}` : '';
  const question = `Promote version ${version} of ${registry.name} to ${stage}${instead}?`;
  await change(registry, options, question, ({ mlflow, name }) =>
    promote(mlflow, { name, version, stage, ...who(options) }),
  );
}

/**
 * Shows how the version compares with the one in Production.
 *
 * @throws GateNotPassed where the verdict is not the required one and nobody says `--force`, or a
 *   second yes
 */
async function checkVerdict(
  registry: Registry,
  version: string,
  options: ChangeOptions & { force?: true },
): Promise<void> {
  const comparison = await compare(registry, version);
  if (comparison.champion) process.stderr.write(`${comparisonText(comparison)}\n`);
  const required = registry.config.register.gate.to_promote;
  if (options.force || meets(comparison, required)) return;
  const refusal = `Version ${version} is not promoted: ${unmet(comparison, required)}`;
  const isAsked = !options.yes && process.stdin.isTTY;
  if (
    isAsked &&
    (await confirm(options, `The verdict is ${comparison.verdict}. Go on all the same?`))
  ) {
    return;
  }
  throw new GateNotPassed(`${refusal} --force promotes it all the same.`);
}

/** `ml4 models demote`: from Production to Staging, from Staging to None, else Archived. */
export async function demoteCommand(
  argument: string | undefined,
  options: ChangeOptions & { stage?: 'None' | 'Staging' | 'Archived' },
): Promise<void> {
  const registry = await openRegistry(options);
  const { version, stage } = await chooseVersion(registry, argument, 'Which version to demote?');
  const to = options.stage ? ` to ${options.stage}` : '';
  const question = `Demote version ${version} of ${registry.name}, now ${stage},${to}?`;
  await change(registry, options, question.replace(',?', '?'), ({ mlflow, name }) =>
    demote(mlflow, { name, version, stage: options.stage, ...who(options) }),
  );
}

/** `ml4 models rollback`: back to the version that was in Production before. */
export async function rollbackCommand(
  options: ChangeOptions & { stage: ServingStage },
): Promise<void> {
  const registry = await openRegistry(options);
  checkNotEmpty(registry);
  const { stage } = options;
  const holder = registry.versions.find((one) => one.stage === stage);
  const question = `Take version ${holder?.version} of ${registry.name} out of ${stage} and put back the one before?`;
  const ask = holder ? question : `Roll back ${stage} of ${registry.name}?`;
  await change(registry, options, ask, ({ mlflow, name }) =>
    rollback(mlflow, { name, stage, ...who(options) }),
  );
}

/** `ml4 models delete`: a version, not its run or files. */
export async function deleteCommand(
  argument: string | undefined,
  options: ChangeOptions,
): Promise<void> {
  const registry = await openRegistry(options);
  const { version, stage } = await chooseVersion(registry, argument, 'Which version to delete?');
  const question = `Delete version ${version} of ${registry.name} (${stage})? Its run and files stay.`;
  await change(registry, options, question, async ({ mlflow, name }) => {
    await deleteVersion(mlflow, { name, version, ...who(options) });
    return null;
  });
}

/** Asks, changes, and shows in the mirror file and on stdout what came of it. */
async function change(
  registry: Registry,
  options: ChangeOptions,
  question: string,
  act: (registry: Registry) => Promise<RegisteredVersion | null>,
): Promise<void> {
  if (!(await confirm(options, question))) {
    process.stderr.write('Nothing is changed.\n');
    return;
  }
  const changed = await act(registry);
  await sync(registry);
  const { name } = registry;
  const text = changed ? `${name} ${changed.version} is in ${changed.stage} now.` : 'Deleted.';
  print(options.json, changed ?? { name, deleted: true }, text);
}
