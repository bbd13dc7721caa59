/**
 * What a fine-tuned model gets right, by bert-tfjs and by transformers' Trainer: the same texts, the same
 * settings, several seeds. Each seed draws its own training texts, dropout and order.
 *
 * usage: npm run bench:accuracy -- --model folder --texts ratings_train.txt --test ratings_test.txt
 *   [--rows 30000] [--seeds 1,2,3] [--unfrozen all,2] [--epochs 2] [--max-length 64]
 * The model is a pretrained BERT in Hugging Face's layout; the texts have NSMC's form (id, text, label, by
 * tabs, under a header). One text in 20 is held out to choose the better epoch.
 * Needs a Python with torch, transformers and accelerate: ML4_REFERENCE_PYTHON, or .ml4/reference.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fineTunedAccuracy, type Task } from './ml4-accuracy.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    texts: { type: 'string' },
    test: { type: 'string' },
    rows: { type: 'string', default: '30000' },
    seeds: { type: 'string', default: '1,2,3' },
    unfrozen: { type: 'string', default: 'all,2' },
    epochs: { type: 'string', default: '2' },
    'max-length': { type: 'string', default: '64' },
  },
});
if (!values.model || !values.texts || !values.test) {
  console.error('Name the model (--model), the texts (--texts) and the test texts (--test).');
  process.exit(2);
}
const root = join(import.meta.dirname, '../../..');
const here = join(root, 'benchmarks/accuracy');
const python = process.env.ML4_REFERENCE_PYTHON ?? join(root, '.ml4/reference/bin/python');

/** The lines of a file after its header, in an order that the seed decides. */
async function shuffledLines(file: string, seed: number): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0; // Numerical Recipes' generator
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = lines.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [lines[i], lines[j]] = [lines[j]!, lines[i]!];
  }
  return lines;
}

async function peer(task: Task): Promise<number> {
  const { stdout } = await promisify(execFile)(
    python,
    [join(here, 'torch_accuracy.py'), JSON.stringify(task)],
    { maxBuffer: 1 << 26 },
  );
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { accuracy: number }).accuracy;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const folder = await mkdtemp(join(tmpdir(), 'ml4-accuracy-'));
const results: object[] = [];
for (const unfrozen of values.unfrozen.split(',')) {
  const runs: { seed: number; ml4: number; torch: number }[] = [];
  for (const seed of values.seeds.split(',').map(Number)) {
    const lines = (await shuffledLines(values.texts, seed)).slice(0, Number(values.rows));
    const held = Math.floor(lines.length / 20);
    const task: Task = {
      model: resolve(values.model),
      train: join(folder, 'train.tsv'),
      dev: join(folder, 'dev.tsv'),
      test: resolve(values.test),
      work: join(folder, 'work'),
      unfrozen: unfrozen === 'all' ? 1000 : Number(unfrozen),
      epochs: Number(values.epochs),
      max_length: Number(values['max-length']),
      seed,
    };
    const write = (file: string, part: string[]) => writeFile(file, ['', ...part, ''].join('\n'));
    await write(task.train, lines.slice(held));
    await write(task.dev, lines.slice(0, held));
    const run = { seed, ml4: await fineTunedAccuracy(task), torch: await peer(task) };
    runs.push(run);
    console.log(
      `${unfrozen} layers, seed ${seed}: ml4 ${percent(run.ml4)}, PyTorch ${percent(run.torch)}`,
    );
  }
  const difference = mean(runs.map(({ ml4 }) => ml4)) - mean(runs.map(({ torch }) => torch));
  console.log(`${unfrozen} layers: ml4 − PyTorch ${(100 * difference).toFixed(2)} points`);
  results.push({ unfrozen, difference, runs });
}
await rm(folder, { recursive: true });
const settings = { rows: Number(values.rows), epochs: Number(values.epochs) };
await writeFile(
  join(here, 'results.json'),
  `${JSON.stringify({ ...settings, results }, null, 1)}\n`,
);
