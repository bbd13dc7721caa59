import { join } from 'node:path';
import { TextClassifier, Tokenizer } from 'bert-tfjs';
import { OWN_EVALUATION } from 'model-registry';
import { readEncodedSplit } from '../cache/encoded-split.js';
import type { Config } from '../pipeline/config.js';
import type { Result, StageContext } from '../pipeline/context.js';
import { type EvalMetrics, readManifest, writeManifest } from '../pipeline/manifest.js';
import { judgeChampion, openChampion } from './champion.js';
import { figuresOf, filesOf, measure, predictionLines } from './evaluate.js';
import { measureLatency } from './latency.js';
import { logEvaluation } from './log-evaluation.js';
import { trainedModelFolder } from './model-files.js';
import { predictRows } from './predict.js';
import { readSplit } from './read-split.js';

/**
 * Judges the trained model on the test split, which training never saw: predicts each row, logs the
 * figures to MLflow and leaves plots, tables and `eval/metrics.json` among the run's artifacts. The
 * version in Production is judged beside it, on the same texts, for the gate.
 *
 * @throws InputError where fetch or train has not run, or what they left has changed
 */
export async function evalStage(config: Config, context: StageContext): Promise<Result> {
  const { volume, logger, signal } = context;
  const { dataset } = await readManifest(volume, 'fetch/manifest.json');
  const training = await readManifest(volume, 'train/manifest.json');
  const { labels } = dataset;
  const rows = await readSplit(volume.root, dataset.splits.test, labels.length);
  const folder = await trainedModelFolder(context, training);

  const { precision, threads, seed } = config.train;
  const tokenizer = await Tokenizer.fromFolder(join(folder, 'model'));
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
  );
  const test = { sha256: dataset.splits.test.sha256, labels };
  const champion = await openChampion(config, context, { modelId: training.model_id, test });
  const [latency, championLatency] = await measureLatency(
    champion ? [classifier, champion.classifier] : [classifier],
    rows.map(({ text }) => text),
    signal,
  );
  classifier.dispose();

  const measured = measure(predictions, labels, seed);
  const figures: EvalMetrics = {
    version: 1,
    model_id: training.model_id,
    rows: rows.length,
    ...figuresOf(measured),
    reviews_per_second: Number(reviewsPerSecond.toPrecision(4)),
    test_sha256: test.sha256,
    labels,
    latency: latency!,
  };
  if (champion) {
    await judgeChampion(champion, { config, context, rows, figures, latency: championLatency! });
  }
  signal.throwIfAborted();
  const files = filesOf(measured, training);
  for (const [path, content] of Object.entries(files)) await volume.writeArtifact(path, content);
  await volume.writeArtifact(`${OWN_EVALUATION}/predictions.jsonl`, predictionLines(predictions));
  await logEvaluation(context, figures);
  await writeManifest(volume, 'eval/metrics.json', figures);
  const { metrics } = figures;
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
