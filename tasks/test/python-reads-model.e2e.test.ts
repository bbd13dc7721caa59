import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TextClassifier } from 'bert-tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedServer, uniqueName } from '../../packages/mlflow-rest-ts/test/server.js';
import { MAX_LENGTH, reviews, trainedPipeline } from './trained-pipeline.js';

/** A Python with mlflow, torch and transformers. */
const PYTHON =
  process.env.ML4_REFERENCE_PYTHON ?? join(import.meta.dirname, '../../.ml4/reference/bin/python');

interface Answers {
  /** The likeliest label and its probability. */
  pyfunc: { label: string; score: number }[];
  /** Every label with its probability. */
  transformers: { label: string; score: number }[][];
  /** The same from the plain Hugging Face folder. */
  folder: { label: string; score: number }[][];
}

/** Within 1e-4, as issue and README promise; in fp32 the difference is in the sixth digit. */
const DIGITS = 4;

describe('Python reads the registered model', () => {
  const texts = reviews(40).map(({ text }) => text);
  let ours: Awaited<ReturnType<TextClassifier['predict']>>;
  let python: Answers;

  beforeAll(async () => {
    if (!existsSync(PYTHON)) {
      throw new Error(
        `There is no ${PYTHON}. Set ML4_REFERENCE_PYTHON to a Python with mlflow, torch and transformers.`,
      );
    }
    const server = await sharedServer();
    const name = uniqueName('python-reads');
    const { context, modelId, artifactUri } = await trainedPipeline(server, server.artifacts, name);
    const { version } = await context.mlflow.ensureModelVersion({
      name,
      source: `models:/${modelId}`,
      runId: context.run.runId,
      modelId,
      key: modelId,
    });
    const folder = context.volume.localPath(artifactUri)!;
    const classifier = await TextClassifier.load(join(folder, 'model'), { precision: 'fp32' });
    ours = await classifier.predict(texts, { batchSize: 16 });
    classifier.dispose();

    const out = join(await mkdtemp(join(tmpdir(), 'ml4-python-')), 'answers.json');
    await promisify(execFile)(
      PYTHON,
      [
        join(import.meta.dirname, 'fixtures/read-model.py'),
        ...[server.uri, `models:/${name}/${version}`, String(MAX_LENGTH), out, ...texts],
      ],
      { env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', HF_HUB_OFFLINE: '1' } },
    );
    python = JSON.parse(await readFile(out, 'utf8'));
  }, 300_000);

  it('gives our label and probability through mlflow.pyfunc', () => {
    expect(python.pyfunc).toHaveLength(texts.length);
    for (const [row, { label, score }] of python.pyfunc.entries()) {
      expect(label).toBe(ours[row]!.label);
      expect(score).toBeCloseTo(ours[row]!.score, DIGITS);
    }
  });

  it.each(['transformers', 'folder'] as const)(
    'gives our probability of every label through %s',
    (reader) => {
      expect(python[reader]).toHaveLength(texts.length);
      for (const [row, labels] of python[reader].entries()) {
        const { label, probabilities } = ours[row]!;
        expect(labels[0]!.label).toBe(label);
        const ordered = [...probabilities].sort((a, b) => b - a);
        for (const [place, { score }] of labels.entries()) {
          expect(score).toBeCloseTo(ordered[place]!, DIGITS);
        }
      }
    },
  );

  it('is asked about texts that the model judges differently, and some that it has to cut', () => {
    const scores = ours.map(({ probabilities }) => probabilities[1]!);
    expect(Math.max(...scores) - Math.min(...scores)).toBeGreaterThan(0.1);
    expect(texts.some((text) => text.split(' ').length > MAX_LENGTH)).toBe(true);
  });
});
