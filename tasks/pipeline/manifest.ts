import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Ajv, type SchemaObject } from 'ajv';
import { type Evaluation, evaluationSchema, type Verdict } from 'model-registry';
import { InputError } from './errors.js';
import type { Volume } from './volume.js';

/** What `ml4 fetch` leaves. Paths are relative to the volume's root. */
export interface FetchManifest {
  version: 1;
  dataset: {
    name: string;
    revision: string;
    /** Index is the label's id. */
    labels: string[];
    splits: { train: Split; dev: Split; test: Split };
    sha256: string;
  };
  pretrained: {
    name: string;
    revision: string;
    /** A folder in Hugging Face's layout. */
    path: string;
    sha256: string;
    /** null: training starts from random weights. */
    weights: 'model.safetensors' | 'pytorch_model.bin' | null;
    /** What its tokenizer does to texts first, by name; null or absent: nothing. */
    cleaning?: string | null;
  };
}

/** A JSONL file of `{"id": string, "text": string, "label": number}`. */
export interface Split {
  path: string;
  sha256: string;
  rows: number;
}

/** What `ml4 train` leaves. */
export interface TrainManifest {
  version: 1;
  /** MLflow logged model. */
  model_id: string;
  /** sha256 of each file of the logged model. */
  files: Record<string, string>;
  best: { epoch: number; step: number; dev_accuracy: number; dev_loss: number };
  history: {
    epoch: number;
    step: number;
    train_loss: number;
    dev_loss: number;
    dev_accuracy: number;
  }[];
  seconds: number;
  tokenizer_sha256: string;
}

/** What `ml4 eval` leaves. */
export type EvalMetrics = Evaluation;

/** What `ml4 register` leaves. */
export interface RegisterResult {
  version: 1;
  model_id: string;
  registered_name: string;
  passed: boolean;
  /** The gate's verdict in words. */
  reason: string;
  accuracy: number;
  threshold: number;
  /** null: not registered. */
  model_version: string | null;
  stage: 'None' | 'Staging' | 'Production' | null;
  /** The version that was in Production before; null: none. */
  champion: { version: string; accuracy: number | null } | null;
  /** How the model compares with it; null: there is none. */
  verdict: Verdict | null;
  /** What the verdict rests on, in sentences. */
  comparison: string[];
}

export interface Manifests {
  'fetch/manifest.json': FetchManifest;
  'train/manifest.json': TrainManifest;
  'eval/metrics.json': EvalMetrics;
  /** Of the version in Production, on the same texts. */
  'eval/champion/metrics.json': EvalMetrics;
  'register/result.json': RegisterResult;
}

const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const version = { type: 'number', const: 1 } as const;
const text = { type: 'string' } as const;
const number = { type: 'number' } as const;

const split = {
  type: 'object',
  required: ['path', 'sha256', 'rows'],
  properties: { path: text, sha256, rows: { type: 'integer', minimum: 1 } },
};

const schemas: Record<keyof Manifests, SchemaObject> = {
  'fetch/manifest.json': {
    type: 'object',
    required: ['version', 'dataset', 'pretrained'],
    properties: {
      version,
      dataset: {
        type: 'object',
        required: ['name', 'revision', 'labels', 'splits', 'sha256'],
        properties: {
          name: text,
          revision: text,
          labels: { type: 'array', items: text, minItems: 2 },
          splits: {
            type: 'object',
            required: ['train', 'dev', 'test'],
            properties: { train: split, dev: split, test: split },
          },
          sha256,
        },
      },
      pretrained: {
        type: 'object',
        required: ['name', 'revision', 'path', 'sha256', 'weights'],
        properties: {
          name: text,
          revision: text,
          path: text,
          sha256,
          weights: { enum: ['model.safetensors', 'pytorch_model.bin', null] },
          cleaning: { type: ['string', 'null'] },
        },
      },
    },
  },
  'train/manifest.json': {
    type: 'object',
    required: ['version', 'model_id', 'files', 'best', 'history', 'seconds', 'tokenizer_sha256'],
    properties: {
      version,
      model_id: text,
      files: { type: 'object', required: [], additionalProperties: sha256 },
      best: {
        type: 'object',
        required: ['epoch', 'step', 'dev_accuracy', 'dev_loss'],
        properties: { epoch: number, step: number, dev_accuracy: number, dev_loss: number },
      },
      history: {
        type: 'array',
        items: {
          type: 'object',
          required: ['epoch', 'step', 'train_loss', 'dev_loss', 'dev_accuracy'],
          properties: {
            epoch: number,
            step: number,
            train_loss: number,
            dev_loss: number,
            dev_accuracy: number,
          },
        },
      },
      seconds: number,
      tokenizer_sha256: sha256,
    },
  },
  'eval/metrics.json': evaluationSchema,
  'eval/champion/metrics.json': evaluationSchema,
  'register/result.json': {
    type: 'object',
    required: [
      'version',
      'model_id',
      'registered_name',
      'passed',
      'reason',
      'accuracy',
      'threshold',
      'model_version',
      'stage',
      'champion',
      'verdict',
      'comparison',
    ],
    properties: {
      version,
      model_id: text,
      registered_name: text,
      passed: { type: 'boolean' },
      reason: text,
      accuracy: number,
      threshold: number,
      model_version: { type: ['string', 'null'] },
      stage: { enum: ['None', 'Staging', 'Production', null] },
      champion: {
        type: ['object', 'null'],
        required: ['version', 'accuracy'],
        properties: { version: text, accuracy: { type: ['number', 'null'] } },
      },
      verdict: { enum: ['better', 'equal', 'worse', 'not comparable', null] },
      comparison: { type: 'array', items: text },
    },
  },
};

const ajv = new Ajv({ allowUnionTypes: true });

/**
 * Reads a stage's manifest from the run's artifacts and checks its form.
 *
 * @throws InputError where it is absent or not what the stage writes.
 */
export async function readManifest<P extends keyof Manifests>(
  volume: Volume,
  path: P,
): Promise<Manifests[P]> {
  const bytes = await volume.readArtifact(path);
  const stage = path.split('/')[0];
  const broken = (problem: string) =>
    new InputError(`${path} is not what \`ml4 ${stage}\` writes: ${problem}`, {
      where: path,
      fix: `Run \`ml4 ${stage}\` again.`,
    });
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw broken('not JSON.');
  }
  const validate = ajv.compile<Manifests[P]>(schemas[path]);
  if (!validate(manifest)) throw broken(`${ajv.errorsText(validate.errors, { dataVar: '' })}.`);
  return manifest;
}

/** Like readManifest; undefined where there is none, or none that can be used. */
export async function findManifest<P extends keyof Manifests>(
  volume: Volume,
  path: P,
): Promise<Manifests[P] | undefined> {
  try {
    return await readManifest(volume, path);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Writes a stage's manifest under the run's artifacts: the last thing the stage does. */
export async function writeManifest<P extends keyof Manifests>(
  volume: Volume,
  path: P,
  manifest: Manifests[P],
): Promise<void> {
  await volume.writeArtifact(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Lower-case hex digest of a file's content. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** @throws InputError where the file is absent or its content is not the one recorded. */
export async function verifyFile(path: string, expected: string): Promise<void> {
  let actual: string;
  try {
    actual = await sha256File(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new InputError('A file that an earlier stage left is gone.', {
      where: path,
      fix: 'Run `ml4 fetch` again with the same --pipeline; or the whole pipeline with --fresh.',
      cause: error,
    });
  }
  if (actual !== expected) {
    throw new InputError('A file changed since an earlier stage wrote it.', {
      where: path,
      fix: 'Run the pipeline again with --fresh.',
    });
  }
}
