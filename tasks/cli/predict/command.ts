import { type Command, Option } from 'commander';

/** Makes a command with the options that all have. */
type MakeCommand = (parent: Command, name: string, description: string) => Command;

const EXAMPLES = `
Examples:
  ml4 predict "연기가 정말 훌륭했어요"
  ml4 predict --file reviews.csv --output labeled.csv
  zcat reviews.gz | ml4 predict --json > labeled.jsonl`;

/** `ml4 predict`. */
export function addPredictCommand(program: Command, make: MakeCommand): void {
  make(
    program,
    'predict',
    'label texts with a registered model: the one in Production, else the newest',
  )
    .argument('[text...]', 'texts to label; without them and --file, the lines of standard input')
    .option('--file <file>', 'CSV, TSV, JSONL, parquet, or plain lines; .gz too')
    .option('--output <file>', 'where to: .csv or .jsonl (default: standard output)')
    .option('--model <name>', 'registered model instead of model.registered_name')
    .addOption(
      new Option('--model-version <number>', 'a certain version').conflicts(['alias', 'stage']),
    )
    .addOption(new Option('--alias <alias>', 'the version with this alias').conflicts('stage'))
    .addOption(
      new Option('--stage <stage>', 'the version in this stage').choices([
        'None',
        'Staging',
        'Production',
        'Archived',
      ]),
    )
    .option('--json', 'print JSON, one object a line, with the probability of every label')
    .addHelpText('after', EXAMPLES)
    .action(async (texts, options) =>
      (await import('./predict.js')).predictCommand(texts, options),
    );
}
