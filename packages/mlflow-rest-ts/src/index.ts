/**
 * A typed client of MLflow's REST API: experiments, runs, metrics, artifacts, logged models and
 * the model registry. This entry runs in browsers too; under Node, `mlflow-rest-ts` has also the
 * calls that work on files.
 *
 * @module
 */
export type { Auth } from './address.js';
export type { Tags } from './answer.js';
export type {
  ArtifactUrls,
  ByPath,
  PresignedUrl,
  PresignUpload,
  UploadPart,
} from './api/artifact-urls.js';
export type { ArtifactPage, Artifacts, FileInfo, ListArtifacts } from './api/artifacts.js';
export type {
  ByExperiment,
  CreateExperiment,
  DatasetSummary,
  Experiment,
  ExperimentPage,
  Experiments,
  SearchExperiments,
  ViewType,
} from './api/experiments.js';
export type {
  ByLoggedModel,
  CreateLoggedModel,
  LoggedModel,
  LoggedModelPage,
  LoggedModelStatus,
  LoggedModels,
  SearchLoggedModels,
} from './api/logged-models.js';
export type {
  GetHistory,
  GetHistoryBulkInterval,
  Metric,
  MetricPage,
  Metrics,
  NewMetric,
} from './api/metrics.js';
export type { ModelVersion, Stage } from './api/model-version.js';
export type {
  ByVersion,
  CreateModelVersion,
  ModelVersionPage,
  ModelVersions,
  SearchModelVersions,
} from './api/model-versions.js';
export type {
  ByAlias,
  ByName,
  CreateRegisteredModel,
  RegisteredModel,
  RegisteredModelPage,
  RegisteredModels,
  SearchRegisteredModels,
} from './api/registered-models.js';
export type { Dataset, DatasetInput, Run, RunInfo, RunStatus } from './api/run.js';
export type {
  ByRun,
  CreateRun,
  LogBatch,
  RunPage,
  Runs,
  SearchRuns,
  UpdateRun,
} from './api/runs.js';
export { artifactPath, joinUri } from './artifacts/uri.js';
export { MlflowClient } from './client.js';
export type { EnsureExperiment } from './ensure/experiment.js';
export type { Key } from './ensure/key.js';
export type { EnsureLoggedModel } from './ensure/logged-model.js';
export type { EnsureModelVersion } from './ensure/model-version.js';
export type { EnsureRun } from './ensure/run.js';
export * from './errors.js';
export type { CallOptions, ClientOptions } from './http.js';
export type { Int64 } from './json.js';
export type { MetricContext, MetricLogger, MetricLoggerOptions } from './metric-logger.js';
export type { Promote, Rollback, ServingStage } from './promote.js';
export type { ActiveRun, WithRun } from './with-run.js';
