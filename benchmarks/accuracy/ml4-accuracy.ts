import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EncodedDataset,
  encodeDataset,
  initializeWeights,
  loadPretrained,
  savePretrained,
  TextClassifier,
  trainClassifier,
} from 'bert-tfjs';

/** One fine-tuning, and the texts that it is judged by. */
export interface Task {
  readonly model: string;
  readonly train: string;
  readonly dev: string;
  readonly test: string;
  /** A folder of its own. */
  readonly work: string;
  readonly unfrozen: number;
  readonly epochs: number;
  readonly max_length: number;
  readonly seed: number;
}

/** Fine-tunes as `ml4 train` does by default; the share of test texts that the model labels right. */
export async function fineTunedAccuracy(task: Task): Promise<number> {
  const { config, weights, tokenizer } = await loadPretrained(task.model);
  const read = async (file: string): Promise<EncodedDataset> => {
    const rows = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1);
    return encodeDataset(
      rows.map((line) => {
        const [, text = '', label] = line.split('\t');
        return { inputIds: tokenizer.encode(text, task.max_length), label: Number(label) };
      }),
    );
  };
  const result = await trainClassifier({
    config,
    weights: initializeWeights(config, weights ?? new Map(), task.seed),
    train: await read(task.train),
    dev: await read(task.dev),
    folder: join(task.work, 'train'),
    fingerprint: 'accuracy',
    options: {
      epochs: task.epochs,
      batchSize: 32,
      learningRate: 1e-4,
      weightDecay: 0.01,
      warmupRatio: 0.1,
      maxGradNorm: 1,
      unfrozenLayers: Math.min(task.unfrozen, config.numHiddenLayers),
      evaluationsPerEpoch: 1,
      checkpointMinutes: 60,
      precision: 'auto',
      seed: task.seed,
      frozenCacheBytes: 8e9,
    },
  });
  const model = join(task.work, 'model');
  await savePretrained(model, { config, weights: result.weights, tokenizer });
  const classifier = await TextClassifier.load(model, { precision: 'auto' });
  const test = await read(task.test);
  const predictions = await classifier.predictEncoded(test, [...test.labels.keys()], {
    batchSize: 128,
  });
  classifier.dispose();
  await rm(task.work, { recursive: true });
  const right = predictions.filter(({ label }, i) => label === config.labels[test.labels[i]!]);
  return right.length / test.labels.length;
}
