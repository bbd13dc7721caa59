import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { RegisteredVersion } from 'model-registry';
import { explain } from '../attribution/explain.js';
import type { Model, ModelHost } from '../predict/model-host.js';
import { Problem } from '../problem.js';
import { ExplainAnswer, ExplainRequest, PredictAnswer, PredictRequest } from '../schemas.js';
import { failures, json } from './describe.js';
import { refuseInvalid } from './invalid.js';

const predict = createRoute({
  method: 'post',
  path: '/predict',
  tags: ['Models'],
  summary: 'Label one text or many',
  request: { body: { required: true, ...json(PredictRequest, 'The texts') } },
  responses: { 200: json(PredictAnswer, 'The predictions'), ...failures },
});

const explainRoute = createRoute({
  method: 'post',
  path: '/api/explain',
  tags: ['Page'],
  summary: 'Which words speak for a label: Shapley values',
  request: { body: { required: true, ...json(ExplainRequest, 'The text') } },
  responses: { 200: json(ExplainAnswer, 'The value of each word'), ...failures },
});

/** `POST /predict` and what explains its answers. */
export function predictRoutes(models: ModelHost) {
  return new OpenAPIHono({ defaultHook: refuseInvalid })
    .openapi(predict, async (c) => {
      const request = c.req.valid('json');
      const texts = 'text' in request ? [request.text] : request.texts;
      return models.using(request.version, async (model) => {
        const rows = await Promise.all(texts.map((text) => model.predict(text)));
        const predictions = rows.map((row) => toPrediction(row, model.labels));
        return c.json({ model: toModel(model.version), predictions }, 200);
      });
    })
    .openapi(explainRoute, async (c) => {
      const { text, label: wanted, version } = c.req.valid('json');
      return models.using(version, async (model) => {
        const index = await labelIndex(model, text, wanted);
        const { parts, values, full, empty, exact } = await explain(text, async (texts) => {
          const rows = await Promise.all(texts.map((one) => model.predict(one)));
          return rows.map((row) => row[index]!);
        });
        const answer = {
          model: toModel(model.version),
          label: model.labels[index]!,
          parts: parts.map((part, i) => ({ text: part, value: values[i]! })),
          full,
          empty,
          exact,
        };
        return c.json(answer, 200);
      });
    });
}

async function labelIndex(model: Model, text: string, wanted?: string): Promise<number> {
  if (wanted === undefined) {
    const probabilities = await model.predict(text);
    return probabilities.indexOf(Math.max(...probabilities));
  }
  const index = model.labels.indexOf(wanted);
  if (index >= 0) return index;
  throw new Problem(400, 'invalid', `label: the model's labels are ${model.labels.join(', ')}.`);
}

function toPrediction(row: readonly number[], labels: readonly string[]) {
  const score = Math.max(...row);
  return {
    label: labels[row.indexOf(score)]!,
    score,
    probabilities: Object.fromEntries(labels.map((label, i) => [label, row[i]!])),
  };
}

export function toModel({ name, version, stage }: RegisteredVersion) {
  return { name, version, stage };
}
