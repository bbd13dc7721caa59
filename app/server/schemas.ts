import { z } from '@hono/zod-openapi';

/** Characters of a text; BERT reads the first few hundred. */
const TEXT = 10_000;
const TEXTS = 1000;

const text = z.string().max(TEXT).openapi({ example: '배우들 연기가 정말 훌륭했어요' });
export const versionNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be the number of a version')
  .openapi({ example: '3' });

export const ModelSchema = z
  .object({
    name: z.string().openapi({ description: 'The registered model in MLflow' }),
    version: z.string(),
    stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
  })
  .openapi('Model');

export const PredictionSchema = z
  .object({
    label: z.string().openapi({ description: 'The most probable label' }),
    score: z.number().openapi({ description: 'Its probability' }),
    probabilities: z.record(z.string(), z.number()).openapi({ description: 'Of every label' }),
  })
  .openapi('Prediction');

export const PredictRequest = z
  .union([
    z.strictObject({ text, version: versionNumber.optional() }),
    z.strictObject({
      texts: z.array(text).min(1).max(TEXTS),
      version: versionNumber.optional(),
    }),
  ])
  .openapi('PredictRequest', {
    description: 'One text, or many; of the served model, or of a certain version.',
    example: { text: '배우들 연기가 정말 훌륭했어요' },
  });

export const PredictAnswer = z
  .object({ model: ModelSchema, predictions: z.array(PredictionSchema) })
  .openapi('PredictAnswer', { description: 'A prediction for each text, in their order' });

export const ExplainRequest = z
  .strictObject({
    text: text.min(1),
    label: z.string().optional().openapi({ description: 'Default: the most probable one' }),
    version: versionNumber.optional(),
  })
  .openapi('ExplainRequest');

export const ExplainAnswer = z
  .object({
    model: ModelSchema,
    label: z.string(),
    parts: z.array(z.object({ text: z.string(), value: z.number() })).openapi({
      description: 'Words and their Shapley values, which add up to full − empty',
    }),
    full: z.number().openapi({ description: "The label's probability for the text" }),
    empty: z.number().openapi({ description: 'and for a text without words' }),
    exact: z.boolean().openapi({ description: 'false: a sample of the orders was computed' }),
  })
  .openapi('ExplainAnswer');

export const VersionSchema = ModelSchema.extend({
  aliases: z.array(z.string()),
  accuracy: z.number().nullable().openapi({ description: 'On the test split' }),
  accuracyInterval: z.object({ low: z.number(), high: z.number() }).nullable(),
  modelId: z.string().nullable(),
  runId: z.string().nullable(),
  createdAt: z.iso.datetime(),
}).openapi('Version');

export const ModelsAnswer = z
  .object({
    name: z.string(),
    served: z.string().nullable().openapi({ description: 'The version that answers now' }),
    versions: z.array(VersionSchema).openapi({ description: 'Newest first' }),
  })
  .openapi('Models');

export const HealthAnswer = z
  .object({
    status: z.enum(['ok', 'loading', 'failing']),
    model: ModelSchema.nullable(),
    problem: z.string().nullable(),
  })
  .openapi('Health');

export const ErrorSchema = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .openapi('Error');

export const StageRequest = z
  .strictObject({
    stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
    why: z.string().trim().max(500).default(''),
    despiteGate: z.boolean().default(false).openapi({
      description: 'Promote although the gate would not: a person has read its reasons',
    }),
  })
  .openapi('StageRequest');

export const RollbackRequest = z
  .strictObject({ why: z.string().trim().max(500).default('') })
  .openapi('RollbackRequest');

export const FileAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(['running', 'done', 'failed', 'canceled']),
    done: z.number().int(),
    total: z.number().int(),
    counts: z.record(z.string(), z.number().int()).openapi({ description: 'Texts by label' }),
    error: z.string().nullable(),
  })
  .openapi('File');

export const StartRunRequest = z
  .strictObject({
    conf: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .default({})
      .openapi({ description: "The DAG's params", example: { 'train.epochs': 3 } }),
  })
  .openapi('StartRunRequest');
