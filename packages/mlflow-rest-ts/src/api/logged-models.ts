import { type Answer, type Tags, toPairs } from '../answer.js';
import type { CallOptions, Http } from '../http.js';
import { type NextPage, paginate } from '../pages.js';
import { type ArtifactPage, toArtifactPage } from './artifacts.js';
import { endpoint, goneIsDone, nothing, segment } from './endpoint.js';
import { type Metric, toMetric } from './metrics.js';

export type LoggedModelStatus = 'UNSPECIFIED' | 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** A model that a run made, before (and beside) any registered name. Servers from 3 on. */
export interface LoggedModel {
  /** `m-…` */
  modelId: string;
  experimentId: string;
  name: string;
  /** Milliseconds since 1970. */
  creationTimestamp: number;
  /** Milliseconds since 1970. */
  lastUpdatedTimestamp: number;
  /** Where its files are to be put. */
  artifactUri: string;
  status: LoggedModelStatus;
  statusMessage: string | undefined;
  modelType: string | undefined;
  sourceRunId: string | undefined;
  tags: Tags;
  params: Tags;
  metrics: Metric[];
}

export interface CreateLoggedModel extends CallOptions {
  experimentId: string;
  /** @default a name that the server makes up */
  name?: string | undefined;
  /** E.g. `classifier`. */
  modelType?: string | undefined;
  sourceRunId?: string | undefined;
  params?: Tags | undefined;
  tags?: Tags | undefined;
}

export interface SearchLoggedModels extends CallOptions {
  experimentIds: string[];
  /** E.g. `metrics.accuracy > 0.89 AND tags.team = 'a'`. */
  filter?: string | undefined;
  /** The data sets that metrics in the filter were measured on. */
  datasets?: { datasetName: string; datasetDigest?: string }[] | undefined;
  orderBy?:
    | { fieldName: string; ascending?: boolean; datasetName?: string; datasetDigest?: string }[]
    | undefined;
  /** Models a page. @default 50 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface LoggedModelPage extends NextPage {
  models: LoggedModel[];
}

/** Names a logged model. */
export interface ByLoggedModel extends CallOptions {
  modelId: string;
}

/** `logged-models/…` */
export class LoggedModels {
  constructor(private readonly http: Http) {}

  /**
   * Creates a logged model, PENDING. Two calls make two, so that this one is repeated only where
   * the server cannot have acted; see `ensureLoggedModel` of the client.
   */
  create(params: CreateLoggedModel): Promise<LoggedModel> {
    return this.http.json(
      endpoint('POST', 'logged-models', { safe: false }),
      {
        experiment_id: params.experimentId,
        name: params.name,
        model_type: params.modelType,
        source_run_id: params.sourceRunId,
        params: toPairs(params.params),
        tags: toPairs(params.tags),
      },
      toAnsweredModel,
      params,
    );
  }

  get(params: ByLoggedModel): Promise<LoggedModel> {
    return this.http.json(endpoint('GET', pathOf(params)), {}, toAnsweredModel, params);
  }

  search(params: SearchLoggedModels): Promise<LoggedModelPage> {
    return this.http.json(
      endpoint('POST', 'logged-models/search'),
      {
        experiment_ids: params.experimentIds,
        filter: params.filter,
        datasets: params.datasets?.map(datasetBody),
        order_by: params.orderBy?.map(({ fieldName, ascending, ...dataset }) => ({
          field_name: fieldName,
          ascending,
          ...datasetBody(dataset),
        })),
        max_results: params.maxResults ?? 50,
        page_token: params.pageToken,
      },
      (answer) => ({
        models: answer.list('models', toLoggedModel),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every model that is found, page after page. */
  searchAll(params: SearchLoggedModels): AsyncGenerator<LoggedModel, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.search({ ...params, pageToken }),
      (page) => page.models,
    );
  }

  /** Says that the model's files are all there, or that they will not come. */
  finalize(params: ByLoggedModel & { status: 'READY' | 'UPLOAD_FAILED' }): Promise<LoggedModel> {
    const body = { model_id: params.modelId, status: `${STATUS_PREFIX}${params.status}` };
    return this.http.json(endpoint('PATCH', pathOf(params)), body, toAnsweredModel, params);
  }

  /** Deletes the model; its files stay. */
  async delete(params: ByLoggedModel): Promise<void> {
    await this.http.json(endpoint('DELETE', pathOf(params), goneIsDone), {}, nothing, params);
  }

  async setTags(params: ByLoggedModel & { tags: Tags }): Promise<void> {
    const body = { model_id: params.modelId, tags: toPairs(params.tags) };
    await this.http.json(endpoint('PATCH', `${pathOf(params)}/tags`), body, nothing, params);
  }

  async deleteTag(params: ByLoggedModel & { key: string }): Promise<void> {
    const path = `${pathOf(params)}/tags/${segment(params.key)}`;
    await this.http.json(endpoint('DELETE', path, goneIsDone), {}, nothing, params);
  }

  async logParams(params: ByLoggedModel & { params: Tags }): Promise<void> {
    const body = { model_id: params.modelId, params: toPairs(params.params) };
    await this.http.json(endpoint('POST', `${pathOf(params)}/params`), body, nothing, params);
  }

  /** Lists one folder of the model's files. */
  listArtifacts(
    params: ByLoggedModel & { path?: string; pageToken?: string },
  ): Promise<ArtifactPage> {
    return this.http.json(
      endpoint('GET', `${pathOf(params)}/artifacts/directories`),
      { artifact_directory_path: params.path, page_token: params.pageToken },
      toArtifactPage,
      params,
    );
  }
}

const STATUS_PREFIX = 'LOGGED_MODEL_';

function pathOf({ modelId }: { modelId: string }): string {
  return `logged-models/${segment(modelId)}`;
}

function datasetBody(dataset: { datasetName?: string; datasetDigest?: string }) {
  return { dataset_name: dataset.datasetName, dataset_digest: dataset.datasetDigest };
}

function toAnsweredModel(answer: Answer): LoggedModel {
  return toLoggedModel(answer.object('model'));
}

function toLoggedModel(answer: Answer): LoggedModel {
  const info = answer.object('info');
  const data = answer.object('data');
  const status = info.optionalString('status') ?? 'UNSPECIFIED';
  return {
    modelId: info.string('model_id'),
    experimentId: info.string('experiment_id'),
    name: info.string('name'),
    creationTimestamp: info.number('creation_timestamp_ms'),
    lastUpdatedTimestamp: info.number('last_updated_timestamp_ms'),
    artifactUri: info.string('artifact_uri'),
    status: status.replace(STATUS_PREFIX, '').replace('STATUS_', '') as LoggedModelStatus,
    statusMessage: info.optionalString('status_message'),
    modelType: info.optionalString('model_type'),
    sourceRunId: info.optionalString('source_run_id'),
    tags: info.tags('tags'),
    params: data.tags('params'),
    metrics: data.list('metrics', toMetric),
  };
}
