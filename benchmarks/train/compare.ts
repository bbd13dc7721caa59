/**
 * One train step of bert-tfjs against PyTorch's (transformers), in turn on the same machine.
 *
 * usage: npm run bench:train -- [--cells full:32x32,2:32x32] [--repeats 7] [--precision bf16|fp32]
 * A cell is what is trained (full, the number of top layers, cached2: the same from the second epoch
 * on, recompute: all, with gradient checkpointing, infer: nothing), and batch × tokens. Each cell
 * replaces its last result in the JSON file beside this one. --model large: BERT-large.
 * Needs a Python with torch and transformers: ML4_REFERENCE_PYTHON, or .ml4/reference.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { initializeWeights, parseBertConfig, writeSafetensors } from 'bert-tfjs';

const { values } = parseArgs({
  options: {
    cells: {
      type: 'string',
      default: ['full', '2', 'cached2', 'infer']
        .flatMap((what) => ['32x32', '32x64', '16x128'].map((shape) => `${what}:${shape}`))
        .join(),
    },
    repeats: { type: 'string', default: '7' },
    precision: { type: 'string', default: 'bf16' },
    model: { type: 'string', default: 'base' },
  },
});
// Compiled, this file lies in benchmarks/dist/train.
const root = join(import.meta.dirname, '../../..');
const here = join(root, 'benchmarks/train');
const python = process.env.ML4_REFERENCE_PYTHON ?? join(root, '.ml4/reference/bin/python');
const threads = String(availableParallelism());
const SIZES: Record<string, object> = {
  base: {},
  large: {
    num_hidden_layers: 24,
    hidden_size: 1024,
    num_attention_heads: 16,
    intermediate_size: 4096,
  },
};
const MODEL = {
  model_type: 'bert',
  vocab_size: 30_000,
  max_position_embeddings: 300,
  ...SIZES[values.model],
};

interface Step {
  seconds: number;
  peak_bytes: number;
}

/** A process that runs a step for each line that it is sent. */
function start(command: string, args: string[]) {
  const env = { ...process.env, ML4_BENCH_THREADS: threads, OMP_NUM_THREADS: threads };
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended before its time`);
      if (value === 'ready' || value.startsWith('{')) return value as string;
    }
  };
  const ready = next();
  return {
    async step(request: object): Promise<Step> {
      await ready;
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return JSON.parse(await next()) as Step;
    },
    end: () => child.stdin.end(),
  };
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);

const file = join(
  here,
  `${values.model === 'base' ? '' : `${values.model}-`}${values.precision}.json`,
);
const earlier = await readFile(file, 'utf8').catch(() => '{}');
const results: Record<string, object> = JSON.parse(earlier).results ?? {};
const folder = await mkdtemp(join(tmpdir(), 'ml4-bench-'));
const weightsFile = join(folder, 'model.safetensors');
await writeSafetensors(
  weightsFile,
  initializeWeights(parseBertConfig(MODEL, 'compare.ts'), new Map(), 1),
);
console.log(
  `${cpus()[0]?.model}, ${threads} threads, ${gigabytes(totalmem())} GB; BERT-${values.model}, ${values.precision}`,
);
console.log(
  'cell            ml4 s  torch s   ratio (median of pairs, range)   ml4 GB  torch GB  ratio',
);
for (const cell of values.cells.split(',')) {
  const [layers = '', shape = ''] = cell.split(':');
  const [batch, length] = shape.split('x').map(Number);
  const number = layers.replace(/\D/g, '');
  const unfrozen = number ? Number(number) : 24;
  const kind = layers.replace(/\d/g, '') || 'top';
  const request = { batch, length, unfrozen, kind };
  const config = [JSON.stringify(MODEL), values.precision];
  // Fresh processes for each cell, so that the peak memory is the cell's own.
  const script = join(import.meta.dirname, 'tfjs-step.js');
  const ml4 = start(process.execPath, [script, ...config, weightsFile]);
  const torch = start(python, [join(here, 'torch_step.py'), ...config]);
  const pairs: { ml4: Step; torch: Step }[] = [];
  for (let i = -2; i < Number(values.repeats); i++) {
    const pair = { ml4: await ml4.step(request), torch: await torch.step(request) };
    if (i >= 0) pairs.push(pair); // the first two warm up
  }
  ml4.end();
  torch.end();
  const ratios = pairs.map((pair) => pair.ml4.seconds / pair.torch.seconds);
  const memory = pairs.at(-1)!;
  const seconds = (side: 'ml4' | 'torch') => median(pairs.map((pair) => pair[side].seconds));
  const row = {
    cell,
    ml4_seconds: seconds('ml4'),
    torch_seconds: seconds('torch'),
    ratio: median(ratios),
    ratio_range: [Math.min(...ratios), Math.max(...ratios)],
    ml4_peak_bytes: memory.ml4.peak_bytes,
    torch_peak_bytes: memory.torch.peak_bytes,
    pairs,
  };
  results[cell] = row;
  console.log(
    `${cell.padEnd(14)} ${row.ml4_seconds.toFixed(3).padStart(6)} ${row.torch_seconds.toFixed(3).padStart(8)}` +
      `   ${row.ratio.toFixed(2)} (${row.ratio_range.map((r) => r!.toFixed(2)).join(' … ')})`.padEnd(
        37,
      ) +
      `${gigabytes(row.ml4_peak_bytes).padStart(6)} ${gigabytes(row.torch_peak_bytes).padStart(9)}` +
      `   ${(row.ml4_peak_bytes / row.torch_peak_bytes).toFixed(2)}`,
  );
}
await rm(folder, { recursive: true });
const machine = { cpu: cpus()[0]?.model, threads: Number(threads), memory: totalmem() };
const json = JSON.stringify({ machine, precision: values.precision, results }, null, 1);
await writeFile(file, `${json}\n`);
