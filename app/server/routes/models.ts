import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { isNotFound } from 'mlflow-rest-ts';
import {
  type Change,
  type Comparison,
  findVersion,
  historyOf,
  listVersions,
  meets,
  type RegisteredVersion,
  rollback,
  setStage,
  showVersion,
  type VersionDetails,
} from 'model-registry';
import { Comparisons } from '../compare/comparisons.js';
import { type Differences, findDifferences } from '../compare/differences.js';
import type { PageOptions } from '../options.js';
import type { ModelHost } from '../predict/model-host.js';
import { Problem } from '../problem.js';
import {
  ModelsAnswer,
  RollbackRequest,
  StageRequest,
  VersionSchema,
  versionNumber,
} from '../schemas.js';
import { failures, json, typed } from './describe.js';
import { refuseInvalid } from './invalid.js';

const tags = ['Models'];
const byVersion = z.object({ version: versionNumber });

const list = createRoute({
  method: 'get',
  path: '/models',
  tags,
  summary: 'The registered versions',
  responses: { 200: json(ModelsAnswer, 'Versions, newest first'), ...failures },
});
const show = createRoute({
  method: 'get',
  path: '/api/models/{version}',
  tags,
  summary: 'One version: figures, data, lineage, history',
  request: { params: byVersion },
  responses: {
    200: typed<VersionDetails & { links: { run: string | null; model: string } }>('The version'),
    ...failures,
  },
});
const plot = createRoute({
  method: 'get',
  path: '/api/models/{version}/plots/{plot}',
  tags,
  summary: 'A plot that the eval stage left, as SVG',
  request: {
    params: byVersion.extend({ plot: z.enum(['roc', 'reliability']) }),
  },
  responses: {
    200: { description: 'The plot', content: { 'image/svg+xml': { schema: z.string() } } },
    ...failures,
  },
});
const compare = createRoute({
  method: 'get',
  path: '/api/models/{version}/comparison',
  tags,
  summary: "The gate's verdict on a version, against the one in Production or another",
  request: { params: byVersion, query: z.object({ against: versionNumber.optional() }) },
  responses: {
    200: typed<Comparison & { meets: boolean }>('The comparison; meets: may be promoted'),
    ...failures,
  },
});
const differ = createRoute({
  method: 'get',
  path: '/api/models/{version}/differences',
  tags,
  summary: 'Test texts that two versions label differently',
  request: { params: byVersion, query: z.object({ against: versionNumber }) },
  responses: { 200: typed<Differences>('The texts, the clearest ones first'), ...failures },
});
const move = createRoute({
  method: 'post',
  path: '/api/models/{version}/stage',
  tags,
  summary: 'Promote or demote a version',
  request: { params: byVersion, body: { required: true, ...json(StageRequest, 'Where to') } },
  responses: { 200: json(VersionSchema, 'The version as it is now'), ...failures },
});
const undo = createRoute({
  method: 'post',
  path: '/api/rollback',
  tags,
  summary: 'Put the previous version back into Production',
  request: { body: { required: true, ...json(RollbackRequest, 'Why') } },
  responses: { 200: json(VersionSchema, 'The version in Production now'), ...failures },
});
const history = createRoute({
  method: 'get',
  path: '/api/history',
  tags,
  summary: 'Who moved which version when, and why',
  responses: { 200: typed<{ changes: Change[] }>('Newest first'), ...failures },
});

/** Versions of the registered model: shown, compared, moved between stages. */
export function modelRoutes(options: PageOptions, models: ModelHost) {
  const { mlflow, registeredModel, user: by, toPromote, mlflowPage } = options;
  const comparisons = new Comparisons(mlflow, registeredModel, options.limits);

  const versionOf = async (version: string): Promise<RegisteredVersion> => {
    const name = await registeredModel();
    const found = await findVersion(mlflow, name, { version });
    if (found) return found;
    throw new Problem(404, 'not_found', `There is no version ${version} of ${name}.`);
  };
  const changed = async (version: RegisteredVersion) => {
    await options.onChange();
    await models.refresh();
    return toAnswer(version);
  };

  return new OpenAPIHono({ defaultHook: refuseInvalid })
    .openapi(list, async (c) => {
      const name = await registeredModel();
      const versions = await listVersions(mlflow, name);
      const served = models.served?.version ?? null;
      return c.json({ name, served, versions: versions.map(toAnswer) }, 200);
    })
    .openapi(show, async (c) => {
      const { version } = c.req.valid('param');
      const name = await registeredModel();
      const details = await showVersion(mlflow, { name, version });
      const { run } = details;
      const links = {
        run: run && mlflowPage(`experiments/${run.experimentId}/runs/${run.runId}`),
        model: mlflowPage(`models/${encodeURIComponent(name)}/versions/${version}`),
      };
      return c.json({ ...details, links }, 200);
    })
    .openapi(plot, async (c) => {
      const { version, plot } = c.req.valid('param');
      const { runId } = await versionOf(version);
      const missing = new Problem(404, 'not_found', 'This version has no such plot.');
      if (runId === null) throw missing;
      const { info } = await mlflow.runs.get({ runId });
      const svg = await mlflow
        .readArtifact(`${info.artifactUri}/plots/${plot}.svg`)
        .catch((error: unknown) => {
          throw isNotFound(error) ? missing : error;
        });
      return c.body(new Uint8Array(svg), 200, { 'content-type': 'image/svg+xml' });
    })
    .openapi(compare, async (c) => {
      const { version } = c.req.valid('param');
      const comparison = await comparisons.of(version, c.req.valid('query').against);
      return c.json({ ...comparison, meets: meets(comparison, toPromote) }, 200);
    })
    .openapi(differ, async (c) => {
      const challenger = await versionOf(c.req.valid('param').version);
      const champion = await versionOf(c.req.valid('query').against);
      const judged = async (version: RegisteredVersion) => {
        const { data } = await showVersion(mlflow, version);
        if (data && version.runId !== null) return { version, labels: data.labels };
        const message = `Version ${version.version} was not judged by ml4.`;
        throw new Problem(409, 'not_comparable', message);
      };
      const [one, two] = [await judged(champion), await judged(challenger)];
      const test = await options.readTestSplit(challenger.runId!);
      return c.json(await findDifferences(mlflow, one, two, test), 200);
    })
    .openapi(move, async (c) => {
      const { version } = c.req.valid('param');
      const { stage, why, despiteGate } = c.req.valid('json');
      if (stage === 'Production' && !despiteGate) {
        const comparison = await comparisons.of(version);
        if (!meets(comparison, toPromote)) {
          throw new Problem(409, 'gate', `The gate would not: ${comparison.reasons.join(' ')}`);
        }
      }
      const name = await registeredModel();
      const change = { name, version, stage, by, ...(why && { why }) };
      return c.json(await changed(await setStage(mlflow, change)), 200);
    })
    .openapi(undo, async (c) => {
      const { why } = c.req.valid('json');
      const change = { name: await registeredModel(), by, ...(why && { why }) };
      return c.json(await changed(await rollback(mlflow, change)), 200);
    })
    .openapi(history, async (c) => {
      const changes = await historyOf(mlflow, await registeredModel());
      return c.json({ changes: changes.toReversed() }, 200);
    });
}

function toAnswer(version: RegisteredVersion) {
  const { name, stage, aliases, accuracy, accuracyInterval, modelId, runId, createdAt } = version;
  return {
    name,
    version: version.version,
    stage,
    aliases,
    accuracy,
    accuracyInterval,
    modelId,
    runId,
    createdAt: createdAt.toISOString(),
  };
}
