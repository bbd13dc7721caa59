/**
 * An epoch with bert-tfjs: the peer of trainer.py, with the same argument and the same output.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  encodeDataset,
  initializeWeights,
  loadEngine,
  parseBertConfig,
  Tokenizer,
  trainClassifier,
  writeSafetensors,
} from 'bert-tfjs';

const task = JSON.parse(process.argv[2] ?? '{}');
const lines = (await readFile(task.texts, 'utf8')).split('\n');
const rows = lines.slice(1, 1 + task.rows + task.dev).map((line) => line.split('\t'));
const config = parseBertConfig(task.config, 'the task');
const weights = initializeWeights(config, new Map(), 1);
const tokenizer = await Tokenizer.fromFolder(dirname(task.vocab));
const threads = Number(process.env.ML4_BENCH_THREADS);
loadEngine({ threads });
const folder = await mkdtemp(join(tmpdir(), 'ml4-epoch-'));

const start = performance.now();
const encode = (part: string[][]) =>
  encodeDataset(
    part.map(([, text = '', label]) => ({
      inputIds: tokenizer.encode(text, task.max_length),
      label: Number(label),
    })),
  );
const train = encode(rows.slice(0, task.rows));
const dev = encode(rows.slice(task.rows));
let last = start;
const stepSeconds: number[] = [];
const result = await trainClassifier({
  config,
  weights,
  train,
  dev,
  folder: join(folder, 'train'),
  fingerprint: 'epoch',
  options: {
    epochs: task.epochs,
    batchSize: task.batch_size,
    learningRate: 5e-5,
    weightDecay: 0.01,
    warmupRatio: 0.1,
    maxGradNorm: 1,
    unfrozenLayers: task.unfrozen,
    evaluationsPerEpoch: 1,
    checkpointMinutes: 60,
    precision: task.precision,
    seed: 1,
    threads,
    frozenCacheBytes: 8e9,
  },
  onStep: () => {
    const now = performance.now();
    stepSeconds.push((now - last) / 1000);
    last = now;
  },
});
await writeSafetensors(join(folder, 'model.safetensors'), result.weights);
const seconds = (performance.now() - start) / 1000;
await rm(folder, { recursive: true });
const realTokens = (train.inputIds.length + dev.inputIds.length) * task.epochs;
console.log(JSON.stringify({ seconds, real_tokens: realTokens, step_seconds: stepSeconds }));
