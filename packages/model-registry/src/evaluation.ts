import { Ajv, type SchemaObject } from 'ajv';
import { isNotFound, type MlflowClient } from 'mlflow-rest-ts';
import { RegistryError } from './errors.js';
import type { TestPrediction } from './statistics/scores.js';

/** What is known of a model after it was judged on a test set: `metrics.json` among the artifacts. */
export interface Evaluation {
  version: 1;
  model_id: string;
  rows: number;
  /** `accuracy` and others, each with its 95 % interval as `accuracy_low`, `accuracy_high`. */
  metrics: { accuracy: number; [name: string]: number };
  slices: { name: string; rows: number; metrics: Record<string, number> }[];
  reviews_per_second: number;
  /** Of the test split's file: two models with the same one can be compared. */
  test_sha256?: string;
  /** Label names; index is the label's id. */
  labels?: string[];
  /** Rows by true label and predicted label. */
  confusion_matrix?: number[][];
  /** Of one text at a time. */
  latency?: { median_ms: number; p95_ms: number };
}

/** A line of `predictions.jsonl` beside it. */
export interface EvaluatedText extends TestPrediction {
  /** Names of the slices that the text belongs to. */
  readonly slices?: readonly string[];
}

/** A model's evaluation with all that it rests on. */
export interface Judgment {
  evaluation: Evaluation;
  predictions: EvaluatedText[];
}

/** Folders of a run's artifacts that hold an evaluation. */
export const OWN_EVALUATION = 'eval';
/** Of the version that was in Production, judged on the same texts and side by side. */
export const CHAMPION_EVALUATION = 'eval/champion';

const number = { type: 'number' } as const;
const numbers = { type: 'object', required: [], additionalProperties: number } as const;

/** The form of `metrics.json`. */
export const evaluationSchema: SchemaObject = {
  type: 'object',
  required: ['version', 'model_id', 'rows', 'metrics', 'slices', 'reviews_per_second'],
  properties: {
    version: { type: 'number', const: 1 },
    model_id: { type: 'string' },
    rows: { type: 'integer', minimum: 1 },
    metrics: {
      type: 'object',
      required: ['accuracy'],
      properties: { accuracy: { type: 'number', minimum: 0, maximum: 1 } },
      additionalProperties: number,
    },
    slices: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'rows', 'metrics'],
        properties: { name: { type: 'string' }, rows: { type: 'integer' }, metrics: numbers },
      },
    },
    reviews_per_second: number,
    test_sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    labels: { type: 'array', items: { type: 'string' }, minItems: 2 },
    confusion_matrix: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
    latency: {
      type: 'object',
      required: ['median_ms', 'p95_ms'],
      properties: { median_ms: number, p95_ms: number },
    },
  },
};

const ajv = new Ajv();
const isEvaluation = ajv.compile<Evaluation>(evaluationSchema);
const isPrediction = ajv.compile<EvaluatedText>({
  type: 'object',
  required: ['id', 'label', 'probabilities'],
  properties: {
    id: { type: 'string' },
    label: { type: 'integer', minimum: 0 },
    probabilities: { type: 'array', items: number, minItems: 2 },
    slices: { type: 'array', items: { type: 'string' } },
  },
});

/**
 * The evaluation in a folder of a run's artifacts; undefined where there is none.
 *
 * @throws RegistryError where it is not what `ml4 eval` writes
 */
export async function readEvaluation(
  mlflow: MlflowClient,
  folderUri: string,
): Promise<Evaluation | undefined> {
  const path = `${folderUri}/metrics.json`;
  const text = await readText(mlflow, path);
  if (text === undefined) return undefined;
  const evaluation = parse(text);
  if (!isEvaluation(evaluation)) throw broken(path);
  return evaluation;
}

/**
 * The evaluation and predictions in a folder of a run's artifacts; undefined where they are not there.
 *
 * @throws RegistryError where they are not what `ml4 eval` writes
 */
export async function readJudgment(
  mlflow: MlflowClient,
  folderUri: string,
): Promise<Judgment | undefined> {
  const evaluation = await readEvaluation(mlflow, folderUri);
  const path = `${folderUri}/predictions.jsonl`;
  const text = evaluation && (await readText(mlflow, path));
  if (text === undefined) return undefined;
  const predictions: EvaluatedText[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const prediction = parse(line);
    if (!isPrediction(prediction)) throw broken(`${path}:${predictions.length + 1}`);
    predictions.push(prediction);
  }
  if (predictions.length !== evaluation!.rows) throw broken(path);
  return { evaluation: evaluation!, predictions };
}

/** The content of a text artifact; undefined where there is none. */
export async function readText(mlflow: MlflowClient, uri: string): Promise<string | undefined> {
  try {
    return Buffer.from(await mlflow.readArtifact(uri)).toString('utf8');
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** JSON; undefined where it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function broken(path: string): RegistryError {
  return new RegistryError(`${path} is not what \`ml4 eval\` writes.`);
}
