import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { initializeWeights, parseBertConfig, savePretrained, Tokenizer } from 'bert-tfjs';
import { datasetInputs } from '../fetch/dataset-inputs.js';
import { loadConfig } from '../pipeline/config.js';
import type { StageContext } from '../pipeline/context.js';
import { createLogger } from '../pipeline/logging.js';
import { sha256File, writeManifest } from '../pipeline/manifest.js';
import { openRun } from '../pipeline/run.js';
import { writeMlflowModel } from '../train/mlflow-model.js';

export const LABELS = ['부정', '긍정'];
/** Of fine-tuning; the model itself could take longer texts, and reviews of either kind are there. */
export const MAX_LENGTH = 12;
const POSITIONS = 64;

const WORDS = [
  '영화',
  '배우',
  '연기',
  '음악',
  '결말',
  '정말',
  '너무',
  '안',
  '재밌다',
  '지루하다',
  '없다',
];

/** Reviews of our own making, seeded by their number, some longer than the model reads. */
export function reviews(count: number) {
  return Array.from({ length: count }, (_, row) => ({
    id: `r${row}`,
    text: Array.from(
      { length: 1 + ((row * 5) % 20) },
      (_, place) => WORDS[(row * 7 + place * 3 + ((row * place) % 4)) % WORDS.length]!,
    ).join(' '),
    label: (row * 3) % 2,
  }));
}

/** Writes a small BERT classifier with random weights as a Hugging Face folder. */
export async function writeRandomModel(folder: string, seed = 1): Promise<void> {
  await mkdir(folder, { recursive: true });
  const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...WORDS, '##다', '##는'];
  await writeFile(join(folder, 'vocab.txt'), vocabulary.map((token) => `${token}\n`).join(''));
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({
      tokenizer_class: 'BertTokenizer',
      do_lower_case: false,
      strip_accents: false,
      model_max_length: POSITIONS,
    }),
  );
  const config = parseBertConfig(
    {
      model_type: 'bert',
      vocab_size: vocabulary.length,
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      intermediate_size: 48,
      max_position_embeddings: POSITIONS,
      // Wide, so that the texts get different probabilities.
      initializer_range: 0.4,
      id2label: { 0: LABELS[0], 1: LABELS[1] },
    },
    'config.json',
  );
  await savePretrained(folder, {
    config,
    weights: initializeWeights(config, new Map(), seed),
    tokenizer: await Tokenizer.fromFolder(folder),
  });
}

/**
 * A pipeline on a real server that has fetched `rows` as its test split and trained a random model.
 *
 * @param volume the server's artifact folder, or another one for a server that is not mounted
 */
export async function trainedPipeline(
  server: { uri: string },
  volume: string,
  pipelineId: string,
  seed = 1,
  registeredName = pipelineId,
) {
  const config = await loadConfig({
    file: join(import.meta.dirname, '../../configs/quickstart.yaml'),
    overrides: [
      `tracking.uri=${server.uri}`,
      `tracking.volume=${volume}`,
      `tracking.experiment=${pipelineId}`,
      `model.registered_name=${registeredName}`,
      `register.mirror=${volume}/${pipelineId}.json`,
      'train.precision=fp32',
      'eval.batch_size=16',
    ],
  });
  const run = await openRun(config, pipelineId);
  const lines: string[] = [];
  const context: StageContext = {
    ...run,
    logger: createLogger({ write: (line) => lines.push(line), style: 'text' }),
    progress: () => ({ update: () => {}, stop: () => {} }),
    signal: new AbortController().signal,
  };
  const rows = reviews(200);
  await fetched(context, rows);
  const model = await trained(context, seed);
  return { config, context, rows, lines, ...model };
}

async function fetched(
  { mlflow, run, volume }: StageContext,
  rows: ReturnType<typeof reviews>,
): Promise<void> {
  const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = join(volume.cacheDir('datasets', sha256), 'test.jsonl');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const split = { path: relative(volume.root, path), sha256, rows: rows.length };
  const dataset = {
    name: 'reviews-of-a-test',
    revision: '1',
    labels: LABELS,
    splits: { train: split, dev: split, test: split },
    sha256,
  };
  await mlflow.runs.logInputs({
    runId: run.runId,
    datasets: datasetInputs(dataset, { type: 'local', source: '{}' }),
  });
  await writeManifest(volume, 'fetch/manifest.json', {
    version: 1,
    dataset,
    pretrained: { name: 'scratch', revision: '1', path: '.', sha256, weights: null },
  });
}

async function trained({ mlflow, run, volume }: StageContext, seed: number) {
  const { modelId, artifactUri } = await mlflow.ensureLoggedModel({
    experimentId: run.experimentId,
    sourceRunId: run.runId,
    key: run.runId,
  });
  const huggingFace = join(volume.workDir(), 'hf');
  await writeRandomModel(huggingFace, seed);
  const folder = join(volume.workDir(), 'model');
  await writeMlflowModel(folder, huggingFace, {
    modelId,
    runId: run.runId,
    maxLength: MAX_LENGTH,
    inputExample: ['영화 재밌다'],
    createdAt: new Date(),
  });
  await mlflow.uploadDir(artifactUri, folder);
  await mlflow.loggedModels.finalize({ modelId, status: 'READY' });
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(folder, path)] = await sha256File(path);
  }
  const point = { epoch: 1, step: 10, train_loss: 0.6, dev_loss: 0.6, dev_accuracy: 0.7 };
  await writeManifest(volume, 'train/manifest.json', {
    version: 1,
    model_id: modelId,
    files,
    best: point,
    history: [point, { ...point, epoch: 2, step: 20, train_loss: 0.4, dev_loss: 0.7 }],
    seconds: 1,
    tokenizer_sha256: files['model/tokenizer.json']!,
  });
  return { modelId, artifactUri };
}
