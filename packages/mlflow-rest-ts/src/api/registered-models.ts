import { type Answer, type Tags, toPairs } from '../answer.js';
import { isAlreadyExists, isNotFound } from '../errors.js';
import type { CallOptions, Http } from '../http.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint, goneIsDone, nothing } from './endpoint.js';
import { type ModelVersion, type Stage, toModelVersion } from './model-version.js';

export interface RegisteredModel {
  name: string;
  /** Milliseconds since 1970. */
  creationTimestamp: number;
  /** Milliseconds since 1970. */
  lastUpdatedTimestamp: number;
  userId: string | undefined;
  description: string | undefined;
  /** Of each stage, the newest version. */
  latestVersions: ModelVersion[];
  tags: Tags;
  /** The version that each alias points to. */
  aliases: Record<string, string>;
}

export interface CreateRegisteredModel extends CallOptions {
  /** Without `/` and `:`. */
  name: string;
  tags?: Tags | undefined;
  description?: string | undefined;
}

export interface SearchRegisteredModels extends CallOptions {
  /** E.g. `name LIKE 'nsmc%'`. */
  filter?: string | undefined;
  /** E.g. `['name ASC']`. */
  orderBy?: string[] | undefined;
  /** Models a page, 1000 at most. @default 100 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface RegisteredModelPage extends NextPage {
  registeredModels: RegisteredModel[];
}

/** Names a registered model. */
export interface ByName extends CallOptions {
  name: string;
}

/** Names an alias of a registered model. */
export interface ByAlias extends ByName {
  alias: string;
}

/** `registered-models/…`: named models; their versions are under `modelVersions`. */
export class RegisteredModels {
  constructor(private readonly http: Http) {}

  /** @throws MlflowError `RESOURCE_ALREADY_EXISTS` if the name is taken */
  async create(params: CreateRegisteredModel): Promise<RegisteredModel> {
    const { name, tags, description } = params;
    const created = await this.http.json<RegisteredModel | 'before'>(
      endpoint('POST', 'registered-models/create', {
        ifDoneBefore: (error) => (isAlreadyExists(error) ? 'before' : undefined),
      }),
      { name, tags: toPairs(tags), description },
      toAnsweredModel,
      params,
    );
    return created === 'before' ? this.get(params) : created;
  }

  get(params: ByName): Promise<RegisteredModel> {
    return this.http.json(
      endpoint('GET', 'registered-models/get'),
      { name: params.name },
      toAnsweredModel,
      params,
    );
  }

  search(params: SearchRegisteredModels = {}): Promise<RegisteredModelPage> {
    const { filter, orderBy, maxResults = 100, pageToken } = params;
    return this.http.json(
      endpoint('GET', 'registered-models/search'),
      { filter, order_by: orderBy, max_results: maxResults, page_token: pageToken },
      (answer) => ({
        registeredModels: answer.list('registered_models', toRegisteredModel),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every model that is found, page after page. */
  searchAll(params: SearchRegisteredModels = {}): AsyncGenerator<RegisteredModel, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.search({ ...params, pageToken }),
      (page) => page.registeredModels,
    );
  }

  /** Sets the description. */
  update(params: ByName & { description: string }): Promise<RegisteredModel> {
    const { name, description } = params;
    return this.http.json(
      endpoint('PATCH', 'registered-models/update'),
      { name, description },
      toAnsweredModel,
      params,
    );
  }

  async rename(params: ByName & { newName: string }): Promise<RegisteredModel> {
    const { name, newName } = params;
    const renamed = await this.http.json<RegisteredModel | 'before'>(
      endpoint('POST', 'registered-models/rename', {
        ifDoneBefore: (error) => (isNotFound(error) ? 'before' : undefined),
      }),
      { name, new_name: newName },
      toAnsweredModel,
      params,
    );
    return renamed === 'before' ? this.get({ ...params, name: newName }) : renamed;
  }

  /** Deletes a model and its versions, for good. */
  async delete(params: ByName): Promise<void> {
    await this.#delete('registered-models/delete', { name: params.name }, params);
  }

  async setTag(params: ByName & { key: string; value: string }): Promise<void> {
    const { name, key, value } = params;
    await this.#post('registered-models/set-tag', { name, key, value }, params);
  }

  async deleteTag(params: ByName & { key: string }): Promise<void> {
    const { name, key } = params;
    await this.#delete('registered-models/delete-tag', { name, key }, params);
  }

  /** Points an alias to a version; it leaves the version that it pointed to. */
  async setAlias(params: ByAlias & { version: string }): Promise<void> {
    const { name, alias, version } = params;
    await this.#post('registered-models/alias', { name, alias, version }, params);
  }

  async deleteAlias(params: ByAlias): Promise<void> {
    const { name, alias } = params;
    await this.#delete('registered-models/alias', { name, alias }, params);
  }

  getVersionByAlias(params: ByAlias): Promise<ModelVersion> {
    const { name, alias } = params;
    return this.http.json(
      endpoint('GET', 'registered-models/alias'),
      { name, alias },
      (answer) => toModelVersion(answer.object('model_version')),
      params,
    );
  }

  /** Of each of these stages (all, where none are named), the newest version. */
  getLatestVersions(params: ByName & { stages?: Stage[] }): Promise<ModelVersion[]> {
    const { name, stages } = params;
    return this.http.json(
      endpoint('POST', 'registered-models/get-latest-versions'),
      { name, stages },
      (answer) => answer.list('model_versions', toModelVersion),
      params,
    );
  }

  #post(path: string, body: object, options: CallOptions): Promise<true> {
    return this.http.json(endpoint('POST', path), body, nothing, options);
  }

  #delete(path: string, body: object, options: CallOptions): Promise<true> {
    return this.http.json(endpoint('DELETE', path, goneIsDone), body, nothing, options);
  }
}

function toAnsweredModel(answer: Answer): RegisteredModel {
  return toRegisteredModel(answer.object('registered_model'));
}

function toRegisteredModel(answer: Answer): RegisteredModel {
  return {
    name: answer.string('name'),
    creationTimestamp: answer.number('creation_timestamp'),
    lastUpdatedTimestamp: answer.number('last_updated_timestamp'),
    userId: answer.optionalString('user_id'),
    description: answer.optionalString('description'),
    latestVersions: answer.list('latest_versions', toModelVersion),
    tags: answer.tags('tags'),
    aliases: Object.fromEntries(
      answer.list('aliases', (alias) => [alias.string('alias'), alias.string('version')]),
    ),
  };
}
