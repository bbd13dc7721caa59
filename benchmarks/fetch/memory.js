/**
 * Peak memory and time of what fetch does with the rows of a data set: read and judge them, write the
 * splits, tokenize. Each size is a process of its own; memory has to be the same for all of them.
 *
 * usage: npm run bench:fetch -- [rows …]     (default: 100000 1000000 10000000), after a build
 */
// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Tokenizer, trainWordPiece } from 'bert-tfjs';
import { encodeSplit } from '../../tasks/dist/cache/encoded-split.js';
import { convertDataset } from '../../tasks/dist/fetch/dataset.js';
import { generateHeadlines } from '../../tasks/dist/fetch/topics/topics.js';

const HEADLINES = generateHeadlines({ train: 5000, test: 1 }).train;

/** A TSV file of so many texts, all different. @param {string} path @param {number} rows */
async function writeRows(path, rows) {
  const file = createWriteStream(path);
  file.write('id\ttext\tlabel\n');
  for (let row = 0; row < rows; row += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - row) }, (_, i) => {
      const { text, label } = HEADLINES[(row + i) % HEADLINES.length];
      return `${row + i}\t${text} ${row + i}번째 소식\t${label}\n`;
    });
    if (!file.write(lines.join(''))) await new Promise((resolve) => file.once('drain', resolve));
  }
  await finished(file.end());
}

/** What one process takes. @param {string} root @param {string} path */
async function measure(root, path) {
  const signal = new AbortController().signal;
  const progress = () => ({ update() {}, stop() {} });
  const seconds = (/** @type {number} */ start) => Math.round(performance.now() - start) / 1000;
  let start = performance.now();
  const { folder, dataset } = await convertDataset(
    {
      files: { train: [path], dev: [], test: [] },
      columns: { text: null, label: null },
      samplingRate: 1,
      devFraction: 0.05,
      seed: 1,
    },
    async (key) => join(root, 'datasets', key),
    () => {},
  );
  const converted = { seconds: seconds(start), peak_bytes: process.resourceUsage().maxRSS * 1024 };
  start = performance.now();
  const vocabulary = trainWordPiece(
    HEADLINES.map(({ text }) => text),
    { vocabSize: 2000 },
  );
  const { statistics } = await encodeSplit(
    {
      name: 'train',
      split: { path: relative(root, join(folder, 'train.jsonl')), ...dataset.splits.train },
      tokenizer: Tokenizer.fromVocabulary(vocabulary),
      maxLength: 64,
    },
    /** @type {any} */ ({
      volume: { root, cacheDir: (/** @type {string[]} */ ...names) => join(root, ...names) },
      run: { runId: 'benchmark' },
      pipelineId: 'benchmark',
      logger: { info() {}, warn() {} },
      progress,
      signal,
    }),
  );
  const encoded = { seconds: seconds(start), peak_bytes: process.resourceUsage().maxRSS * 1024 };
  process.stdout.write(
    `${JSON.stringify({ converted, encoded, train_rows: statistics.texts, tokens: statistics.tokens })}\n`,
  );
}

/** @param {number} rows */
async function run(rows) {
  const root = await mkdtemp(join(tmpdir(), 'ml4-bench-fetch-'));
  try {
    const path = join(root, 'rows.tsv');
    await writeRows(path, rows);
    const { size } = await stat(path);
    const child = spawn(
      process.execPath,
      [fileURLToPath(import.meta.url), '--measure', root, path],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    for await (const chunk of child.stdout) output += chunk;
    const { converted, encoded, train_rows } = JSON.parse(output);
    const show = (/** @type {{ seconds: number, peak_bytes: number }} */ { seconds, peak_bytes }) =>
      `${seconds.toFixed(1)} s, peak ${(peak_bytes / 1e6).toFixed(0)} MB`;
    process.stdout.write(
      `${rows.toLocaleString('en-US')} rows (${(size / 1e6).toFixed(0)} MB): read, judge, split ${show(converted)}; tokenize ${train_rows.toLocaleString('en-US')} ${show(encoded)}\n`,
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--measure') await measure(rest[0] ?? '', rest[1] ?? '');
else {
  const sizes =
    first === undefined ? [100_000, 1_000_000, 10_000_000] : [first, ...rest].map(Number);
  for (const rows of sizes) await run(rows);
}
