import { type Command, Option } from 'commander';

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, name: string, description: string) => Command;

/** `ml4 models` and what is below it. */
export function addModelsCommands(program: Command, make: MakeCommand): void {
  const models = withModel(
    make(program, 'models', 'list the registered versions; promote, compare, …'),
  )
    .helpCommand(false)
    .allowExcessArguments()
    .action(async (_, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined) {
        command.error(`error: unknown command '${unknown}'; ml4 models --help lists them`);
      }
      await (await import('./list.js')).modelsCommand(command.optsWithGlobals());
    });
  const below = (name: string, description: string) => withModel(make(models, name, description));

  below('list', 'the same as `ml4 models` alone').action(async (_, command: Command) =>
    (await import('./list.js')).modelsCommand(command.optsWithGlobals()),
  );

  below('compare', 'say whether a version is better than the one in Production, and why')
    .argument('[version]', 'number, stage or alias (default: the newest that is not in Production)')
    .argument('[against]', 'another version instead of the one in Production')
    .action(async (version, against, _, command: Command) =>
      (await import('./compare.js')).compareCommand(version, against, command.optsWithGlobals()),
    );

  below('show', 'figures, data, run and history of a version')
    .argument('[version]', 'number, stage or alias (default: in Production, else the newest)')
    .action(async (version, _, command: Command) =>
      (await import('./show.js')).showCommand(version, command.optsWithGlobals()),
    );

  below('history', 'who moved which version when, and why; deleted versions too')
    .argument('[version]', 'number, stage or alias (default: all)')
    .action(async (version, _, command: Command) =>
      (await import('./history.js')).historyCommand(version, command.optsWithGlobals()),
    );

  withAnswers(
    below('promote', 'put a version into Production (or Staging); the one there is archived'),
  )
    .argument('[version]', 'number, stage or alias; without it a list to choose from')
    .addOption(
      new Option('--stage <stage>', 'where to')
        .choices(['Staging', 'Production'])
        .default('Production'),
    )
    .option('--force', 'also where its verdict is not what register.gate.to_promote requires')
    .action(async (version, _, command: Command) =>
      (await import('./change.js')).promoteCommand(version, command.optsWithGlobals()),
    );

  withAnswers(below('demote', 'from Production to Staging, from Staging to None, else archive'))
    .argument('[version]', 'number, stage or alias; without it a list to choose from')
    .addOption(
      new Option('--stage <stage>', 'straight to this one').choices([
        'None',
        'Staging',
        'Archived',
      ]),
    )
    .action(async (version, _, command: Command) =>
      (await import('./change.js')).demoteCommand(version, command.optsWithGlobals()),
    );

  withAnswers(below('rollback', 'put the version back that was in Production (or Staging) before'))
    .addOption(
      new Option('--stage <stage>', 'which stage')
        .choices(['Staging', 'Production'])
        .default('Production'),
    )
    .action(async (_, command: Command) =>
      (await import('./change.js')).rollbackCommand(command.optsWithGlobals()),
    );

  withAnswers(
    below('delete', 'delete a version, not its run and files; never the one in Production'),
  )
    .argument('[version]', 'number, stage or alias; without it a list to choose from')
    .action(async (version, _, command: Command) =>
      (await import('./change.js')).deleteCommand(version, command.optsWithGlobals()),
    );

  make(models, 'sync', 'rebuild configs/model_registry.json from the server')
    .option('--json', 'print JSON')
    .action(async (_, command: Command) =>
      (await import('./sync.js')).syncCommand(command.optsWithGlobals()),
    );
}

function withModel(command: Command): Command {
  return command
    .option('--model <name>', 'registered model instead of model.registered_name')
    .option('--json', 'print JSON');
}

function withAnswers(command: Command): Command {
  return command
    .option('--yes', 'do not ask')
    .option('--why <reason>', 'for the history, which the version keeps');
}
