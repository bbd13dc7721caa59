import { type Tags, toPairs } from '../answer.js';
import type { CallOptions, Http } from '../http.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint, goneIsDone, nothing } from './endpoint.js';
import { type ModelVersion, type Stage, toModelVersion } from './model-version.js';

export interface CreateModelVersion extends CallOptions {
  /** Of the registered model. */
  name: string;
  /** `models:/<modelId>`, or an artifact URI within the run's artifacts. */
  source: string;
  runId?: string | undefined;
  /** The logged model; it is to be READY. */
  modelId?: string | undefined;
  tags?: Tags | undefined;
  description?: string | undefined;
  /** A link to the run, where it is on another server. */
  runLink?: string | undefined;
}

export interface SearchModelVersions extends CallOptions {
  /** E.g. `name = 'nsmc' AND tags.gate = 'passed'`. */
  filter?: string | undefined;
  /** E.g. `['version_number DESC']`. */
  orderBy?: string[] | undefined;
  /** Versions a page, 200000 at most. @default 1000 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface ModelVersionPage extends NextPage {
  modelVersions: ModelVersion[];
}

/** Names a version of a registered model. */
export interface ByVersion extends CallOptions {
  name: string;
  version: string;
}

/** `model-versions/…` */
export class ModelVersions {
  constructor(private readonly http: Http) {}

  /**
   * Creates the next version of a registered model. Two calls make two versions, so that this one
   * is repeated only where the server cannot have acted; see `ensureModelVersion` of the client.
   */
  create(params: CreateModelVersion): Promise<ModelVersion> {
    const { name, source, runId, modelId, tags, description, runLink } = params;
    return this.http.json(
      endpoint('POST', 'model-versions/create', { safe: false }),
      {
        name,
        source,
        run_id: runId,
        model_id: modelId,
        tags: toPairs(tags),
        description,
        run_link: runLink,
      },
      (answer) => toModelVersion(answer.object('model_version')),
      params,
    );
  }

  get(params: ByVersion): Promise<ModelVersion> {
    const { name, version } = params;
    return this.http.json(
      endpoint('GET', 'model-versions/get'),
      { name, version },
      (answer) => toModelVersion(answer.object('model_version')),
      params,
    );
  }

  search(params: SearchModelVersions = {}): Promise<ModelVersionPage> {
    const { filter, orderBy, maxResults = 1000, pageToken } = params;
    return this.http.json(
      endpoint('GET', 'model-versions/search'),
      { filter, order_by: orderBy, max_results: maxResults, page_token: pageToken },
      (answer) => ({
        modelVersions: answer.list('model_versions', toModelVersion),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every version that is found, page after page. */
  searchAll(params: SearchModelVersions = {}): AsyncGenerator<ModelVersion, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.search({ ...params, pageToken }),
      (page) => page.modelVersions,
    );
  }

  /** Sets the description. */
  update(params: ByVersion & { description: string }): Promise<ModelVersion> {
    const { name, version, description } = params;
    return this.http.json(
      endpoint('PATCH', 'model-versions/update'),
      { name, version, description },
      (answer) => toModelVersion(answer.object('model_version')),
      params,
    );
  }

  async delete(params: ByVersion): Promise<void> {
    const { name, version } = params;
    await this.http.json(
      endpoint('DELETE', 'model-versions/delete', goneIsDone),
      { name, version },
      nothing,
      params,
    );
  }

  /**
   * Moves a version to a stage. `archiveExistingVersions` races on the server (of two promotions
   * at once both may stay in the stage): `promote` of the client does not.
   */
  transitionStage(
    params: ByVersion & { stage: Stage; archiveExistingVersions?: boolean },
  ): Promise<ModelVersion> {
    const { name, version, stage, archiveExistingVersions = false } = params;
    return this.http.json(
      endpoint('POST', 'model-versions/transition-stage'),
      { name, version, stage, archive_existing_versions: archiveExistingVersions },
      (answer) => toModelVersion(answer.object('model_version')),
      params,
    );
  }

  async setTag(params: ByVersion & { key: string; value: string }): Promise<void> {
    const { name, version, key, value } = params;
    await this.http.json(
      endpoint('POST', 'model-versions/set-tag'),
      { name, version, key, value },
      nothing,
      params,
    );
  }

  async deleteTag(params: ByVersion & { key: string }): Promise<void> {
    const { name, version, key } = params;
    await this.http.json(
      endpoint('DELETE', 'model-versions/delete-tag', goneIsDone),
      { name, version, key },
      nothing,
      params,
    );
  }

  /** Where the version's files lie: an artifact URI. */
  getDownloadUri(params: ByVersion): Promise<string> {
    const { name, version } = params;
    return this.http.json(
      endpoint('GET', 'model-versions/get-download-uri'),
      { name, version },
      (answer) => answer.string('artifact_uri'),
      params,
    );
  }
}
