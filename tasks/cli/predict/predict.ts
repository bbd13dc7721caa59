import { statSync } from 'node:fs';
import type { TextClassifier } from 'bert-tfjs';
import Table from 'cli-table3';
import { type RegisteredVersion, selectVersion, type VersionSelector } from 'model-registry';
import { InputError } from '../../pipeline/errors.js';
import { registeredModelFolder } from '../../pipeline/registered-model.js';
import { volumeRoot } from '../../pipeline/run.js';
import { openDisplay } from '../display.js';
import {
  checkNotEmpty,
  type ModelOptions,
  openRegistry,
  type Registry,
} from '../models/registry.js';
import { isDebug } from '../options.js';
import { listenForSignals } from '../signals.js';
import { countTexts, readStdin, readTextRows, type TextRow } from '../texts.js';
import { FORMATS, formatOfOutput, type LabeledRow, writeRows } from './output.js';

export interface PredictOptions extends ModelOptions, Pick<VersionSelector, 'alias' | 'stage'> {
  modelVersion?: string;
  file?: string;
  output?: string;
}

/** `ml4 predict`: the label and its probability for texts, a file, or the lines of standard input. */
export async function predictCommand(texts: string[], options: PredictOptions): Promise<void> {
  checkInput(texts, options);
  const { file, output, json } = options;
  const format = output ? formatOfOutput(output) : json ? FORMATS.jsonl : FORMATS.plain;
  const registry = await openRegistry(options);
  const version = versionOf(registry, options);
  const { config, mlflow, name } = registry;
  const { logger, progress } = openDisplay({ debug: isDebug(options) });
  const signal = listenForSignals(output ? `There is no ${output}.` : '');

  const { TextClassifier } = await import('bert-tfjs');
  const folder = await registeredModelFolder(mlflow, version, volumeRoot(config));
  const { precision, threads } = config.train;
  const classifier = await TextClassifier.load(folder, { precision, threads });
  const predict = { classifier, batchSize: config.eval.batch_size, signal };
  try {
    if (texts.length > 0 && !output && !json) {
      const rows = await labelRows(asRows(texts), predict);
      process.stdout.write(`${name} ${version.version}, stage ${version.stage}\n${table(rows)}\n`);
      return;
    }
    const started = performance.now();
    const bar = file ? progress(`Labeling ${file}`, await countTexts(file)) : undefined;
    const column = config.dataset.text_column;
    const source =
      texts.length > 0 ? [asRows(texts)] : file ? readTextRows(file, column) : readStdin(signal);
    let count = 0;
    const labeled = labelAll(source, predict, (rows) => {
      count += rows;
      bar?.update(count);
    });
    await writeRows(labeled, { file: output, format, labels: classifier.labels }).finally(() =>
      bar?.stop(),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const where = output ? `: ${output}` : '';
    logger.info(`${name} ${version.version} labeled ${count} texts in ${seconds} s${where}.`);
  } finally {
    classifier.dispose();
  }
}

interface Predict {
  classifier: TextClassifier;
  batchSize: number;
  signal: AbortSignal;
}

/** Texts labeled between two looks at the progress. */
const CHUNK = 1024;

async function* labelAll(
  source: AsyncIterable<TextRow[]> | Iterable<TextRow[]>,
  predict: Predict,
  onDone: (rows: number) => void,
): AsyncGenerator<LabeledRow[]> {
  for await (const rows of source) {
    for (let start = 0; start < rows.length; start += CHUNK) {
      const labeled = await labelRows(rows.slice(start, start + CHUNK), predict);
      yield labeled;
      onDone(labeled.length);
    }
  }
}

async function labelRows(
  rows: TextRow[],
  { classifier, batchSize, signal }: Predict,
): Promise<LabeledRow[]> {
  const texts = rows.map(({ text }) => text);
  const predictions = await classifier.predict(texts, { batchSize, signal });
  return rows.map((row, i) => ({ ...row, ...predictions[i]! }));
}

function asRows(texts: readonly string[]): TextRow[] {
  return texts.map((text) => ({ text }));
}

function table(rows: readonly LabeledRow[]): string {
  const lines = new Table({
    head: ['Label', 'Probability', 'Text'],
    style: { head: [], border: [] },
  });
  for (const { label, score, text } of rows) lines.push([label, score.toFixed(4), text]);
  return lines.toString();
}

function checkInput(texts: string[], { file }: PredictOptions): void {
  if (texts.length > 0 && file) {
    throw new InputError('Texts and a file at once.', { where: '--file', fix: 'Give either.' });
  }
  const found = file ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (file && !found?.isFile()) {
    throw new InputError(found ? 'This is no file.' : 'There is no such file.', {
      where: `--file ${file}`,
      fix: 'Name a file; what another program writes is taken from standard input: … | ml4 predict',
    });
  }
  if (texts.length === 0 && !file && process.stdin.isTTY) {
    throw new InputError('Which text?', {
      fix: 'Give one, such as ml4 predict "연기가 정말 훌륭했어요", or --file <file>.',
    });
  }
}

/** @throws InputError where there is none */
function versionOf(registry: Registry, options: PredictOptions): RegisteredVersion {
  checkNotEmpty(registry);
  const { name, versions } = registry;
  const { modelVersion, alias, stage } = options;
  const found = selectVersion(versions, { version: modelVersion, alias, stage });
  if (found) return found;
  const what = modelVersion
    ? `no version ${modelVersion}`
    : alias
      ? `no alias ${alias}`
      : `no version in stage ${stage}`;
  throw new InputError(`The registered model ${name} has ${what}.`, {
    fix: '`ml4 models` lists what is there.',
  });
}
