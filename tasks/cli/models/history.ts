import { type Change, historyOf } from 'model-registry';
import { minute } from './list.js';
import { checkNotEmpty, type ModelOptions, openRegistry, print, versionNamed } from './registry.js';

/** `ml4 models history`: who moved which version when, from where to where, and why. */
export async function historyCommand(
  argument: string | undefined,
  options: ModelOptions,
): Promise<void> {
  const registry = await openRegistry(options);
  checkNotEmpty(registry);
  const { mlflow, name } = registry;
  const version = argument === undefined ? undefined : versionNamed(registry, argument).version;
  const changes = await historyOf(mlflow, name, version);
  const lines = changes.map((change) => `version ${change.version}  ${changeText(change)}`);
  print(options.json, changes, [name, ...lines].join('\n'));
}

/** A change as a line, without the version. */
export function changeText({ at, from, to, by, why }: Change): string {
  return `${minute(new Date(at))}  ${from} → ${to}  by ${by}${why ? `: ${why}` : ''}`;
}
