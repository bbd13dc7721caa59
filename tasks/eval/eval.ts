import { join } from 'node:path';
import { BertTokenizer, TextClassifier } from 'bert-tfjs';
import { readEncodedSplit } from '../cache/encoded-split.js';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type EvalMetrics, readManifest, writeManifest } from '../pipeline/manifest.js';
import { evaluate } from './evaluate.js';
import { logEvaluation } from './log-evaluation.js';
import { trainedModelFolder } from './model-files.js';
import { predictRows } from './predict.js';
import { readSplit } from './read-split.js';

/**
 * Judges the trained model on the test split, which training never saw: predicts each row, logs the
 * figures to MLflow and leaves plots, tables and `eval/metrics.json` among the run's artifacts.
 *
 * @throws InputError where fetch or train has not run, or what they left has changed
 */
export async function evalStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, logger, signal } = context;
  const { dataset } = await readManifest(volume, 'fetch/manifest.json');
  const training = await readManifest(volume, 'train/manifest.json');
  const rows = await readSplit(volume.root, dataset.splits.test, dataset.labels.length);
  const folder = await trainedModelFolder(context, training);

  const { precision, threads, seed } = config.train;
  const tokenizer = await BertTokenizer.fromFolder(join(folder, 'model'));
  const encoded = await readEncodedSplit(
    {
      name: `${dataset.name} test`,
      split: dataset.splits.test,
      tokenizer,
      maxLength: tokenizer.maxLength, // that of the training
    },
    context,
  );
  const classifier = await TextClassifier.load(join(folder, 'model'), { precision, threads });
  const { predictions, reviewsPerSecond } = await predictRows(
    (indexes, options) => classifier.predictEncoded(encoded, indexes, options),
    rows,
    { batchSize: config.eval.batch_size },
    context,
  ).finally(() => classifier.dispose());

  const { metrics, slices, files } = evaluate(predictions, dataset.labels, training, seed);
  signal.throwIfAborted();
  for (const [path, content] of Object.entries(files)) await volume.writeArtifact(path, content);
  const figures: EvalMetrics = {
    version: 1,
    model_id: training.model_id,
    rows: rows.length,
    metrics,
    slices,
    reviews_per_second: Number(reviewsPerSecond.toPrecision(4)),
  };
  await logEvaluation(context, figures);
  await writeManifest(volume, 'eval/metrics.json', figures);
  logger.info(
    `Accuracy ${inPercent(metrics.accuracy)} (95 % interval ${inPercent(metrics.accuracy_low!)} to ${inPercent(metrics.accuracy_high!)}) on ${rows.length} reviews, ${Math.round(reviewsPerSecond)} a second.`,
  );
  return {
    model_id: figures.model_id,
    rows: figures.rows,
    ...metrics,
    reviews_per_second: figures.reviews_per_second,
  };
}

function inPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
