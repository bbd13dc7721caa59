import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { PageOptions } from '../options.js';
import { Problem } from '../problem.js';
import { Airflow } from '../runs/airflow.js';
import { listRuns, type RunDetails, type RunSummary, showRun } from '../runs/runs.js';
import { StartRunRequest } from '../schemas.js';
import { failures, json, typed } from './describe.js';
import { refuseInvalid } from './invalid.js';

/** The pages of other programs that show a run. */
interface Links {
  mlflow: string;
  airflow: string | null;
}
export type ListedRun = RunSummary & { links: Links };
export type ShownRun = RunDetails & { links: Links };

const tags = ['Runs'];
const list = createRoute({
  method: 'get',
  path: '/api/runs',
  tags,
  summary: 'The newest pipelines',
  responses: {
    200: typed<{ runs: ListedRun[]; canStart: boolean }>('Runs, newest first'),
    ...failures,
  },
});
const show = createRoute({
  method: 'get',
  path: '/api/runs/{runId}',
  tags,
  summary: 'A pipeline with its curves, as far as they have grown',
  request: { params: z.object({ runId: z.string().regex(/^[0-9a-f]{32}$/) }) },
  responses: { 200: typed<ShownRun>('The run'), ...failures },
});
const start = createRoute({
  method: 'post',
  path: '/api/runs',
  tags,
  summary: 'Start a pipeline through Airflow',
  request: { body: { required: true, ...json(StartRunRequest, 'Params of the DAG') } },
  responses: {
    202: json(z.object({ pipelineId: z.string(), link: z.string() }), 'It is queued'),
    ...failures,
  },
});

/** Pipelines, as MLflow records them and Airflow runs them. */
export function runRoutes({ mlflow, experiment, airflow: options, mlflowPage }: PageOptions) {
  const airflow = options && new Airflow(options);
  const withLinks = <T extends RunSummary>(run: T, experimentId: string): T & { links: Links } => {
    // Airflow's runs have its form of id, `manual__2026-…`.
    const ofAirflow = airflow !== undefined && run.pipelineId.includes('__');
    return {
      ...run,
      links: {
        mlflow: mlflowPage(`experiments/${experimentId}/runs/${run.runId}`),
        airflow: ofAirflow ? airflow.runPage(run.pipelineId) : null,
      },
    };
  };
  return new OpenAPIHono({ defaultHook: refuseInvalid })
    .openapi(list, async (c) => {
      const runs = await listRuns(mlflow, experiment);
      const listed = runs.map((run) => withLinks(run, run.experimentId));
      return c.json({ runs: listed, canStart: airflow !== undefined }, 200);
    })
    .openapi(show, async (c) => {
      const run = await showRun(mlflow, c.req.valid('param').runId);
      return c.json(withLinks(run, run.experimentId), 200);
    })
    .openapi(start, async (c) => {
      if (!airflow) {
        throw new Problem(409, 'no_airflow', 'AIRFLOW_URL is not set: `ml4 run` starts one.');
      }
      const pipelineId = await airflow.trigger(c.req.valid('json').conf);
      return c.json({ pipelineId, link: airflow.runPage(pipelineId) }, 202);
    });
}
