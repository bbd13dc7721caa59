import { type Answer, type Tags, toPairs } from '../answer.js';
import { isAlreadyExists, type MlflowError } from '../errors.js';
import type { CallOptions, Http } from '../http.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint, goneIsDone, nothing } from './endpoint.js';

/** Which of active and deleted experiments or runs a search finds. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

export interface Experiment {
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: 'active' | 'deleted';
  /** Milliseconds since 1970. */
  creationTime: number | undefined;
  /** Milliseconds since 1970. */
  lastUpdateTime: number | undefined;
  tags: Tags;
}

export interface CreateExperiment extends CallOptions {
  name: string;
  /** Where artifacts of its runs lie. @default the server's artifact root */
  artifactLocation?: string | undefined;
  tags?: Tags | undefined;
}

export interface SearchExperiments extends CallOptions {
  /** E.g. `name LIKE 'nsmc%' AND tags.team = 'a'`. */
  filter?: string | undefined;
  /** E.g. `['last_update_time DESC']`. */
  orderBy?: string[] | undefined;
  /** @default 'ACTIVE_ONLY' */
  viewType?: ViewType | undefined;
  /** Experiments a page. @default 1000 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface ExperimentPage extends NextPage {
  experiments: Experiment[];
}

/** A data set that some run reads. */
export interface DatasetSummary {
  experimentId: string;
  name: string;
  digest: string;
  /** What for: `training`, `evaluation`. */
  context: string | undefined;
}

/** Names an experiment. */
export interface ByExperiment extends CallOptions {
  experimentId: string;
}

/** `experiments/…`: groups of runs. Their names are unique, deleted ones included. */
export class Experiments {
  constructor(private readonly http: Http) {}

  /**
   * Creates an experiment and answers its id.
   *
   * @throws MlflowError `RESOURCE_ALREADY_EXISTS` if the name is taken, be it by a deleted one
   */
  async create(params: CreateExperiment): Promise<string> {
    const { name, artifactLocation, tags } = params;
    const id = await this.http.json<string | TakenName>(
      endpoint('POST', 'experiments/create', { ifDoneBefore: takenName }),
      { name, artifact_location: artifactLocation, tags: toPairs(tags) },
      (answer) => answer.string('experiment_id'),
      params,
    );
    return id instanceof TakenName ? (await this.getByName(params)).experimentId : id;
  }

  get(params: ByExperiment): Promise<Experiment> {
    return this.http.json(
      endpoint('GET', 'experiments/get'),
      { experiment_id: params.experimentId },
      (answer) => toExperiment(answer.object('experiment')),
      params,
    );
  }

  getByName(params: CallOptions & { name: string }): Promise<Experiment> {
    return this.http.json(
      endpoint('GET', 'experiments/get-by-name'),
      { experiment_name: params.name },
      (answer) => toExperiment(answer.object('experiment')),
      params,
    );
  }

  search(params: SearchExperiments = {}): Promise<ExperimentPage> {
    const { filter, orderBy, viewType, maxResults = 1000, pageToken } = params;
    return this.http.json(
      endpoint('POST', 'experiments/search'),
      {
        filter,
        order_by: orderBy,
        view_type: viewType,
        max_results: maxResults,
        page_token: pageToken,
      },
      (answer) => ({
        experiments: answer.list('experiments', toExperiment),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every experiment that is found, page after page. */
  searchAll(params: SearchExperiments = {}): AsyncGenerator<Experiment, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.search({ ...params, pageToken }),
      (page) => page.experiments,
    );
  }

  /** Renames an experiment. */
  async update(params: ByExperiment & { newName: string }): Promise<void> {
    await this.http.json(
      endpoint('POST', 'experiments/update'),
      { experiment_id: params.experimentId, new_name: params.newName },
      nothing,
      params,
    );
  }

  /** Marks an experiment and its runs as deleted; `restore` brings them back. */
  async delete(params: ByExperiment): Promise<void> {
    await this.#byId('experiments/delete', params);
  }

  async restore(params: ByExperiment): Promise<void> {
    await this.#byId('experiments/restore', params);
  }

  async setTag(params: ByExperiment & { key: string; value: string }): Promise<void> {
    const { experimentId, key, value } = params;
    await this.http.json(
      endpoint('POST', 'experiments/set-experiment-tag'),
      { experiment_id: experimentId, key, value },
      nothing,
      params,
    );
  }

  /** Servers before 3 do not have this. */
  async deleteTag(params: ByExperiment & { key: string }): Promise<void> {
    await this.http.json(
      endpoint('POST', 'experiments/delete-experiment-tag', goneIsDone),
      { experiment_id: params.experimentId, key: params.key },
      nothing,
      params,
    );
  }

  /** The data sets that runs of these experiments (at most 20) read. */
  searchDatasets(params: CallOptions & { experimentIds: string[] }): Promise<DatasetSummary[]> {
    return this.http.json(
      // The server has it under /api too, by a path that lacks a slash.
      { method: 'POST', path: '/ajax-api/2.0/mlflow/experiments/search-datasets' },
      { experiment_ids: params.experimentIds },
      (answer) => answer.list('dataset_summaries', toDatasetSummary),
      params,
    );
  }

  #byId(path: string, params: ByExperiment): Promise<true> {
    const body = { experiment_id: params.experimentId };
    return this.http.json(endpoint('POST', path, goneIsDone), body, nothing, params);
  }
}

class TakenName {}

function takenName(error: MlflowError): TakenName | undefined {
  return isAlreadyExists(error) ? new TakenName() : undefined;
}

function toExperiment(answer: Answer): Experiment {
  return {
    experimentId: answer.string('experiment_id'),
    name: answer.string('name'),
    artifactLocation: answer.string('artifact_location'),
    lifecycleStage: answer.string('lifecycle_stage') === 'deleted' ? 'deleted' : 'active',
    creationTime: answer.optionalNumber('creation_time'),
    lastUpdateTime: answer.optionalNumber('last_update_time'),
    tags: answer.tags('tags'),
  };
}

function toDatasetSummary(answer: Answer): DatasetSummary {
  return {
    experimentId: answer.string('experiment_id'),
    name: answer.string('name'),
    digest: answer.string('digest'),
    context: answer.optionalString('context'),
  };
}
