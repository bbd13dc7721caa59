/**
 * Epochs of bert-tfjs against transformers' Trainer, in turn: from texts to a trained model on disk.
 *
 * usage: npm run bench:epoch -- --texts ratings_train.txt --vocab folder/vocab.txt
 *   [--way plain|dynamic|expert] [--rows 1024] [--dev 128] [--epochs 1] [--unfrozen 12] [--layers 12]
 *   [--max-length 128] [--batch-size 32] [--repeats 3]
 * The texts are NSMC's form (id, text, label, by tabs, under a header), the weights random.
 * Needs a Python with torch, transformers and accelerate: ML4_REFERENCE_PYTHON, or .ml4/reference.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({
  options: {
    texts: { type: 'string' },
    vocab: { type: 'string' },
    way: { type: 'string', default: 'expert' },
    rows: { type: 'string', default: '1024' },
    dev: { type: 'string', default: '128' },
    epochs: { type: 'string', default: '1' },
    unfrozen: { type: 'string', default: '12' },
    layers: { type: 'string', default: '12' },
    'max-length': { type: 'string', default: '128' },
    'batch-size': { type: 'string', default: '32' },
    repeats: { type: 'string', default: '3' },
  },
});
if (!values.texts || !values.vocab) {
  console.error('Name the texts (--texts) and the vocabulary (--vocab).');
  process.exit(2);
}
const root = join(import.meta.dirname, '../../..');
const here = join(root, 'benchmarks/epoch');
const python = process.env.ML4_REFERENCE_PYTHON ?? join(root, '.ml4/reference/bin/python');
const threads = String(availableParallelism());
const task = {
  texts: resolve(values.texts),
  vocab: resolve(values.vocab),
  way: values.way,
  rows: Number(values.rows),
  dev: Number(values.dev),
  epochs: Number(values.epochs),
  unfrozen: Number(values.unfrozen),
  max_length: Number(values['max-length']),
  batch_size: Number(values['batch-size']),
  precision: 'auto',
  config: {
    model_type: 'bert',
    vocab_size: 30_000,
    max_position_embeddings: 300,
    num_hidden_layers: Number(values.layers),
  },
};

interface Epoch {
  seconds: number;
  tokens: number;
  real_tokens: number;
  peak_bytes: number;
}

interface Ml4Epoch extends Epoch {
  encode_seconds: number;
  step_seconds: number;
  waited_seconds: number;
  /** Of each step: tokens, seconds. */
  steps: [number, number][];
}

async function run<T extends Epoch>(command: string, script: string): Promise<T> {
  const env = { ...process.env, ML4_BENCH_THREADS: threads, OMP_NUM_THREADS: threads };
  const options = { env, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(command, [script, JSON.stringify(task)], options);
  const last = stdout.trim().split('\n').at(-1);
  return JSON.parse(last ?? '{}') as T;
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const pairs: { ml4: Ml4Epoch; trainer: Epoch }[] = [];
for (let i = 0; i < Number(values.repeats); i++) {
  const ml4 = await run<Ml4Epoch>(process.execPath, join(import.meta.dirname, 'ml4-epoch.js'));
  const trainer = await run<Epoch>(python, join(here, 'trainer.py'));
  pairs.push({ ml4, trainer });
}
const ratios = pairs.map(({ ml4, trainer }) => trainer.seconds / ml4.seconds);
const row = {
  ...task,
  texts: undefined,
  vocab: undefined,
  ml4_seconds: median(pairs.map(({ ml4 }) => ml4.seconds)),
  trainer_seconds: median(pairs.map(({ trainer }) => trainer.seconds)),
  speedup: median(ratios),
  speedup_range: [Math.min(...ratios), Math.max(...ratios)],
  pairs,
};
console.log(
  `${values.way}, ${values.rows} texts, ${values.epochs} epochs, ${values.unfrozen} of ${values.layers} layers: ` +
    `ml4 ${row.ml4_seconds.toFixed(1)} s, Trainer ${row.trainer_seconds.toFixed(1)} s, ` +
    `${row.speedup.toFixed(2)} times as fast (${row.speedup_range.map((r) => r!.toFixed(2)).join(' … ')})`,
);
const { ml4, trainer } = pairs.at(-1)!;
const share = (part: number) => `${((100 * part) / ml4.seconds).toFixed(1)} %`;
const padding = ({ tokens, real_tokens }: Epoch) => (tokens / real_tokens).toFixed(3);
console.log(
  `tokens computed / real: ml4 ${padding(ml4)}, Trainer ${padding(trainer)}; ` +
    `ml4's time: steps ${share(ml4.step_seconds)}, tokenizing ${share(ml4.encode_seconds)}, ` +
    `waiting for batches ${share(ml4.waited_seconds)}; ` +
    `peak memory ${(ml4.peak_bytes / 1e9).toFixed(2)} and ${(trainer.peak_bytes / 1e9).toFixed(2)} GB`,
);
const file = join(here, 'results.json');
const earlier = await readFile(file, 'utf8').catch(() => '{}');
const results = JSON.parse(earlier).results ?? {};
results[`${values.way} ${values.unfrozen}/${values.layers} ×${values.epochs}`] = row;
const machine = { cpu: cpus()[0]?.model, threads: Number(threads), memory: totalmem() };
await mkdir(here, { recursive: true });
const lines = Object.entries(results).map(([key, row]) => `"${key}": ${JSON.stringify(row)}`);
await writeFile(
  file,
  `{"machine": ${JSON.stringify(machine)}, "results": {\n${lines.join(',\n')}\n}}\n`,
);
