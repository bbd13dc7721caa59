import type { Tags } from './answer.js';
import { ArtifactUrls } from './api/artifact-urls.js';
import { Artifacts, type FileInfo } from './api/artifacts.js';
import { type Experiment, Experiments } from './api/experiments.js';
import { type LoggedModel, LoggedModels } from './api/logged-models.js';
import { Metrics, type NewMetric } from './api/metrics.js';
import type { ModelVersion } from './api/model-version.js';
import { ModelVersions } from './api/model-versions.js';
import { RegisteredModels } from './api/registered-models.js';
import type { Run } from './api/run.js';
import { Runs } from './api/runs.js';
import { type ArtifactStore, ServerStore } from './artifacts/store.js';
import { artifactPath } from './artifacts/uri.js';
import { batches } from './batches.js';
import { type EnsureExperiment, ensureExperiment } from './ensure/experiment.js';
import { type EnsureLoggedModel, ensureLoggedModel } from './ensure/logged-model.js';
import { type EnsureModelVersion, ensureModelVersion } from './ensure/model-version.js';
import { type EnsureRun, ensureRun } from './ensure/run.js';
import { type CallOptions, type ClientOptions, Http } from './http.js';
import { MetricLogger, type MetricLoggerOptions } from './metric-logger.js';
import { type Promote, promote, type Rollback, rollback } from './promote.js';
import { type ActiveRun, type WithRun, withRun } from './with-run.js';

/**
 * A client of one MLflow server. The REST API's endpoints are grouped as its reference groups
 * them; what takes several of them is a method of the client itself.
 *
 * Every call throws an {@link MlflowError} if it fails, and the signal's reason if it is aborted.
 */
export class MlflowClient {
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly metrics: Metrics;
  readonly artifacts: Artifacts;
  readonly artifactUrls: ArtifactUrls;
  readonly registeredModels: RegisteredModels;
  readonly modelVersions: ModelVersions;
  readonly loggedModels: LoggedModels;

  /** The server's base address, without credentials. */
  readonly trackingUri: string;

  readonly #http: Http;
  readonly #store: ArtifactStore;

  constructor(options: ClientOptions, store?: (http: Http) => ArtifactStore) {
    const http = new Http(options);
    this.#http = http;
    this.trackingUri = http.baseUrl;
    this.experiments = new Experiments(http);
    this.runs = new Runs(http);
    this.metrics = new Metrics(http);
    this.artifacts = new Artifacts(http);
    this.artifactUrls = new ArtifactUrls(http);
    this.registeredModels = new RegisteredModels(http);
    this.modelVersions = new ModelVersions(http);
    this.loggedModels = new LoggedModels(http);
    this.#store = store?.(http) ?? new ServerStore(http);
  }

  /** The server's version, e.g. `3.17.2`. */
  serverVersion(options: CallOptions = {}): Promise<string> {
    return this.#http.send(
      { method: 'GET', path: '/version', safe: true, read: async (r) => (await r.text()).trim() },
      options,
    );
  }

  /**
   * Runs `work` as a run of MLflow, which ends as FINISHED, as FAILED if `work` throws, as KILLED
   * if `params.signal` is aborted.
   *
   * @param params of a new run; with a `key`, of the run of that key
   * @returns what `work` returns
   * @throws what `work` throws
   */
  withRun<T>(params: WithRun, work: (active: ActiveRun) => Promise<T>): Promise<T> {
    return withRun(this, params, work);
  }

  /** A logger of a run's metrics that gathers them, and sends them in the background. */
  metricLogger(runId: string, options: MetricLoggerOptions = {}): MetricLogger {
    return new MetricLogger(this, runId, options);
  }

  /** The experiment of this name, made if there is none. */
  ensureExperiment(name: string, options: EnsureExperiment = {}): Promise<Experiment> {
    return ensureExperiment(this, name, options);
  }

  /** The run of this key in the experiment, made if there is none. */
  ensureRun(params: EnsureRun): Promise<Run> {
    return ensureRun(this, params);
  }

  /** The logged model of this key in the experiment, made (PENDING) if there is none. */
  ensureLoggedModel(params: EnsureLoggedModel): Promise<LoggedModel> {
    return ensureLoggedModel(this, params);
  }

  /** The version of this key of the registered model; both are made if there is none. */
  ensureModelVersion(params: EnsureModelVersion): Promise<ModelVersion> {
    return ensureModelVersion(this, params);
  }

  /**
   * Puts a version into a stage: the alias `production` or `staging` points to it, its stage is
   * that one, and the version that was there is archived. The alias decides: of racing calls the
   * last one wins, and the stages agree with it when all have returned. Needs MLflow 2.3.
   */
  promote(params: Promote): Promise<ModelVersion> {
    return promote(this, params);
  }

  /**
   * Puts back the version that `promote` took out of a stage, and answers it.
   *
   * @throws MlflowError `INVALID_STATE` if there is none, or another one than `from` is in the stage
   */
  rollback(params: Rollback): Promise<ModelVersion> {
    return rollback(this, params);
  }

  /** Logs any number of metrics, in as many calls as the server's limits ask for. */
  async logMetrics(
    runId: string,
    metrics: readonly NewMetric[],
    options: CallOptions = {},
  ): Promise<void> {
    for (const batch of batches(metrics, 1000)) {
      await this.runs.logBatch({ ...options, runId, metrics: batch });
    }
  }

  /** Logs any number of params. A param that the run has already must have the same value. */
  async logParams(runId: string, params: Tags, options: CallOptions = {}): Promise<void> {
    for (const batch of batches(Object.entries(params), 100)) {
      await this.runs.logBatch({ ...options, runId, params: Object.fromEntries(batch) });
    }
  }

  /** Sets any number of tags of a run. */
  async setTags(runId: string, tags: Tags, options: CallOptions = {}): Promise<void> {
    for (const batch of batches(Object.entries(tags), 100)) {
      await this.runs.logBatch({ ...options, runId, tags: Object.fromEntries(batch) });
    }
  }

  /** Reads an artifact into memory. */
  async readArtifact(
    artifactUri: string,
    options: CallOptions = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#store.read(artifactPath(artifactUri), options);
  }

  /** Writes an artifact, whole or not at all; one that is there is replaced. */
  async writeArtifact(
    artifactUri: string,
    data: string | Uint8Array<ArrayBuffer>,
    options: CallOptions = {},
  ): Promise<void> {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    await this.#store.write(artifactPath(artifactUri), bytes, options);
  }

  /** Lists one folder of artifacts; an absent one is empty. Paths are relative to it. */
  async listArtifacts(artifactUri: string, options: CallOptions = {}): Promise<FileInfo[]> {
    return this.#store.list(artifactPath(artifactUri), options);
  }

  /** Deletes an artifact, or a folder of them with all that is in it. */
  async deleteArtifact(artifactUri: string, options: CallOptions = {}): Promise<void> {
    await this.#store.delete(artifactPath(artifactUri), options);
  }
}
