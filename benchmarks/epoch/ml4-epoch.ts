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
  type StepReport,
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
const encodeSeconds = (performance.now() - start) / 1000;
const steps: StepReport[] = [];
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
  onStep: (step) => steps.push(step),
});
await writeSafetensors(join(folder, 'model.safetensors'), result.weights);
const seconds = (performance.now() - start) / 1000;
await rm(folder, { recursive: true });
const sum = (key: 'tokens' | 'seconds' | 'secondsWaited') =>
  steps.reduce((total, step) => total + step[key], 0);
console.log(
  JSON.stringify({
    seconds,
    encode_seconds: encodeSeconds,
    step_seconds: sum('seconds'),
    waited_seconds: sum('secondsWaited'),
    tokens: sum('tokens'),
    real_tokens: train.inputIds.length * task.epochs,
    peak_bytes: process.resourceUsage().maxRSS * 1024,
    steps: steps.map(({ tokens, seconds }) => [tokens, Math.round(seconds * 1e4) / 1e4]),
  }),
);
