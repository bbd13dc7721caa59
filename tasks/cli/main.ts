import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { STAGES, type StageName } from '../pipeline/context.js';
import type { Report } from '../pipeline/explain.js';
import { projectRoot } from '../pipeline/project.js';
import { addModelsCommands } from './models/commands.js';
import { addPredictCommand } from './predict/command.js';

const { version } = JSON.parse(
  readFileSync(join(projectRoot, 'tasks', 'package.json'), 'utf8'),
) as { version: string };

const STAGE_HELP: Record<StageName, string> = {
  fetch: 'get the data set and the pretrained model, check them, split the data',
  train: 'fine-tune the model; goes on from its last checkpoint after a stop',
  eval: 'judge the best checkpoint on the test split and log it to MLflow',
  register: 'apply the gate and add the model to the MLflow model registry',
  notify: 'post the result to Slack',
};

const EXAMPLES = `
Examples:
  ml4 run --config configs/quickstart.yaml      the whole path in a few minutes, no download
  ml4 run --set train.epochs=3                  the configuration in configs/config.yaml, changed
  ml4 predict "연기가 정말 훌륭했어요"               what the registered model says of a text
  ml4 models                                    what is registered, in which stage, how good it is
  ml4 models promote                            the better version into Production, after questions
  ml4 cache list                                what the volume keeps, and how large it is
  ml4 doctor                                    what is installed here, what is missing

A value comes from --set, else from the environment (ML4__TRAIN__EPOCHS=3), else from the file,
else from the defaults in configs/config.schema.json.

Exit codes:
  0    done
  1    a defect, or a failure outside (network, disk, server): the same command may succeed later
  2    bad input or configuration: put it right first
  99   the gate was not passed: nothing is registered (ml4 register) or promoted (ml4 models promote)
  130  stopped by Ctrl-C; 143 by SIGTERM. The same command goes on from there.`;

/** Runs the program; sets the exit code. `argv` is what follows `ml4`. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = build();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const { message, exitCode } = await report(error);
    const { redact } = await import('../pipeline/secrets.js');
    if (message) process.stderr.write(`ml4: ${redact(message)}\n`);
    const debug = argv.includes('--debug') || Boolean(process.env.ML4_DEBUG);
    if (debug && error instanceof Error) process.stderr.write(`${redact(stackOf(error))}\n`);
    process.exitCode = exitCode;
  }
}

async function report(error: unknown): Promise<Report> {
  // Commander has printed its message; its own code for wrong usage is 1.
  if (error instanceof CommanderError) {
    return { message: '', exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  const { explainError } = await import('../pipeline/explain.js');
  return explainError(error);
}

function stackOf(error: Error): string {
  const { stack = String(error), cause } = error;
  return cause instanceof Error ? `${stack}\nCaused by: ${stackOf(cause)}` : stack;
}

function build(): Command {
  const program = new Command('ml4')
    .description('Trains, judges and registers Korean text classifiers, with MLflow.')
    .addHelpText('after', EXAMPLES)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .version(version, '-V, --version', 'show the version of ml4')
    .enablePositionalOptions() // an option after a command's name is the command's
    .exitOverride();

  withAnswers(
    withPipeline(command(program, 'run', 'run the five stages; after a stop, go on where it was')),
  )
    .option('--fresh', 'start a new pipeline instead of going on with an unfinished one')
    .action(async (options) => (await import('./run.js')).runCommand(options));

  for (const stage of STAGES) {
    const own = withPipeline(command(program, stage, STAGE_HELP[stage]));
    if (stage === 'register') withAnswers(own);
    own.action(async (options) => (await import('./stage.js')).stageCommand(stage, options));
  }

  addModelsCommands(program, command);
  addPredictCommand(program, command);

  const cache = program
    .command('cache')
    .description('list and prune what the volume keeps of downloads, data, models and token ids')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false);
  command(cache, 'list', 'what there is, its size, when it was last used and by which pipeline')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./cache.js')).cacheListCommand(options));
  command(cache, 'prune', 'remove what was used longest ago; never what a running pipeline uses')
    .option('--older-than <days>', 'what no pipeline has used for so many days', positiveNumber)
    .option(
      '--max-size <GB>',
      'until the rest has no more than so many GB (default: cache.max_size_gb)',
      positiveNumber,
    )
    .option('--dry-run', 'show what would be removed, and remove nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./cache.js')).cachePruneCommand(options));

  command(program, 'serve', 'open the web page and its HTTP API: try, compare and promote models')
    .option(
      '--host <address>',
      'where to listen; beyond this machine a password is needed',
      '127.0.0.1',
    )
    .option('--port <number>', 'port; 0 takes a free one', '8501')
    .option('--model <name>', 'registered model instead of model.registered_name')
    .action(async (options) => (await import('./serve.js')).serveCommand(options));

  command(program, 'doctor', 'say what is installed, what is missing, which TensorFlow, GPU or not')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./doctor.js')).doctorCommand(options));

  return program;
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .option('--config <file>', 'configuration (default: configs/config.yaml)')
    .option('--set <key=value>', 'change one value, such as train.epochs=3; repeatable', collect)
    .option('--debug', 'log details, and show where an error comes from');
}

function withPipeline(command: Command): Command {
  return command.option(
    '--pipeline <id>',
    'the pipeline to belong to (default: ML4_PIPELINE_ID, else the unfinished one)',
  );
}

function withAnswers(command: Command): Command {
  return command
    .option('--yes', 'ask nothing: the configuration decides')
    .addOption(
      new Option('--stage <stage>', 'register in this stage, without asking').choices([
        'None',
        'Staging',
        'Production',
      ]),
    );
}

function positiveNumber(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0) return number;
  throw new InvalidArgumentError('It must be a number from 0 on.');
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
