import { type Tags, toPairs } from '../answer.js';
import { isInvalidParameter, isUniqueViolation } from '../errors.js';
import type { CallOptions, Http } from '../http.js';
import type { Int64 } from '../json.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint, goneIsDone, nothing } from './endpoint.js';
import type { ViewType } from './experiments.js';
import { metricBody, type NewMetric } from './metrics.js';
import {
  type DatasetInput,
  datasetInputBody,
  type Run,
  type RunInfo,
  type RunStatus,
  toRun,
  toRunInfo,
} from './run.js';

export interface CreateRun extends CallOptions {
  experimentId: string;
  /** @default a name that the server makes up */
  runName?: string | undefined;
  /** Milliseconds since 1970. @default now */
  startTime?: number | undefined;
  tags?: Tags | undefined;
  /** Deprecated by MLflow in favor of the tag `mlflow.user`. */
  userId?: string | undefined;
}

export interface UpdateRun extends CallOptions {
  runId: string;
  status?: RunStatus | undefined;
  /** Milliseconds since 1970. */
  endTime?: number | undefined;
  runName?: string | undefined;
}

export interface SearchRuns extends CallOptions {
  experimentIds: string[];
  /** E.g. `metrics.accuracy > 0.89 AND tags.team = 'a'`. */
  filter?: string | undefined;
  /** E.g. `['metrics.accuracy DESC']`. @default newest first */
  orderBy?: string[] | undefined;
  /** @default 'ACTIVE_ONLY' */
  runViewType?: ViewType | undefined;
  /** Runs a page, 50000 at most. @default 1000 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface RunPage extends NextPage {
  runs: Run[];
}

export interface LogBatch extends CallOptions {
  runId: string;
  /** At most 1000; metrics, params and tags together at most 1000 too. */
  metrics?: NewMetric[] | undefined;
  /** At most 100. */
  params?: Tags | undefined;
  /** At most 100. */
  tags?: Tags | undefined;
}

/** Names a run. */
export interface ByRun extends CallOptions {
  runId: string;
}

/** `runs/…` */
export class Runs {
  constructor(private readonly http: Http) {}

  /**
   * Creates a run. Two calls make two runs, so that this one is repeated only where the server
   * cannot have acted; `ensureRun` of the client is the one that may be called again.
   */
  create(params: CreateRun): Promise<Run> {
    const { experimentId, runName, startTime = Date.now(), tags, userId } = params;
    return this.http.json(
      endpoint('POST', 'runs/create', { safe: false }),
      {
        experiment_id: experimentId,
        run_name: runName,
        start_time: startTime,
        tags: toPairs(tags),
        user_id: userId,
      },
      (answer) => toRun(answer.object('run')),
      params,
    );
  }

  /** A run with its params, tags, inputs, outputs and the last value of each metric. */
  get(params: ByRun): Promise<Run> {
    return this.http.json(
      endpoint('GET', 'runs/get'),
      { run_id: params.runId },
      (answer) => toRun(answer.object('run')),
      params,
    );
  }

  /** Sets status, end time or name. */
  update(params: UpdateRun): Promise<RunInfo> {
    const { runId, status, endTime, runName } = params;
    return this.http.json(
      endpoint('POST', 'runs/update'),
      { run_id: runId, status, end_time: endTime, run_name: runName },
      (answer) => toRunInfo(answer.object('run_info')),
      params,
    );
  }

  search(params: SearchRuns): Promise<RunPage> {
    const { experimentIds, filter, orderBy, runViewType, maxResults = 1000, pageToken } = params;
    return this.http.json(
      endpoint('POST', 'runs/search'),
      {
        experiment_ids: experimentIds,
        filter,
        order_by: orderBy,
        run_view_type: runViewType,
        max_results: maxResults,
        page_token: pageToken,
      },
      (answer) => ({
        runs: answer.list('runs', toRun),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every run that is found, page after page. */
  searchAll(params: SearchRuns): AsyncGenerator<Run, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.search({ ...params, pageToken }),
      (page) => page.runs,
    );
  }

  /** Marks a run as deleted; `restore` brings it back. */
  async delete(params: ByRun): Promise<void> {
    const body = { run_id: params.runId };
    await this.http.json(endpoint('POST', 'runs/delete', goneIsDone), body, nothing, params);
  }

  async restore(params: ByRun): Promise<void> {
    await this.#post('runs/restore', { run_id: params.runId }, params);
  }

  async logMetric(params: ByRun & NewMetric): Promise<void> {
    await this.#post('runs/log-metric', { run_id: params.runId, ...metricBody(params) }, params);
  }

  /**
   * Logs metrics, params and tags in one call. The client's `logMetrics`, `logParams` and
   * `setTags` take any number of them.
   */
  async logBatch(params: LogBatch): Promise<void> {
    const { runId, metrics, params: runParams, tags } = params;
    const body = {
      run_id: runId,
      metrics: metrics?.map(metricBody),
      params: toPairs(runParams),
      tags: toPairs(tags),
    };
    await this.#post('runs/log-batch', body, params);
  }

  /** @throws MlflowError `INVALID_PARAMETER_VALUE` if the run has the param with another value */
  async logParameter(params: ByRun & { key: string; value: string }): Promise<void> {
    const { runId, key, value } = params;
    await this.#post('runs/log-parameter', { run_id: runId, key, value }, params);
  }

  async setTag(params: ByRun & { key: string; value: string }): Promise<void> {
    const { runId, key, value } = params;
    await this.#post('runs/set-tag', { run_id: runId, key, value }, params);
  }

  async deleteTag(params: ByRun & { key: string }): Promise<void> {
    const body = { run_id: params.runId, key: params.key };
    await this.http.json(endpoint('POST', 'runs/delete-tag', goneIsDone), body, nothing, params);
  }

  /** Says which data sets and logged models a run reads. */
  async logInputs(
    params: ByRun & { datasets?: DatasetInput[]; models?: { modelId: string }[] },
  ): Promise<void> {
    const body = {
      run_id: params.runId,
      datasets: params.datasets?.map(datasetInputBody),
      models: params.models?.map(({ modelId }) => ({ model_id: modelId })),
    };
    await this.#post('runs/log-inputs', body, params);
  }

  /** Says which logged models a run makes. Servers before 3 do not have this. */
  async logOutputs(params: ByRun & { models: { modelId: string; step?: Int64 }[] }): Promise<void> {
    const models = params.models.map(({ modelId, step = 0 }) => ({ model_id: modelId, step }));
    await this.http.json(
      endpoint('POST', 'runs/outputs', {
        // The server refuses what it has already.
        ifDoneBefore: (error) =>
          isInvalidParameter(error) || isUniqueViolation(error) ? true : undefined,
      }),
      { run_id: params.runId, models },
      nothing,
      params,
    );
  }

  /** Adds an `MLmodel` (as JSON) to the tag `mlflow.log-model.history`, as MLflow 2 does. */
  async logModel(params: ByRun & { modelJson: string }): Promise<void> {
    const body = { run_id: params.runId, model_json: params.modelJson };
    await this.http.json(
      endpoint('POST', 'runs/log-model', { safe: false }),
      body,
      nothing,
      params,
    );
  }

  #post(path: string, body: object, options: CallOptions): Promise<true> {
    return this.http.json(endpoint('POST', path), body, nothing, options);
  }
}
