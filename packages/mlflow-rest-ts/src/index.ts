/**
 * A typed client of MLflow's REST API: experiments, runs, metrics, artifacts, logged models and
 * the model registry. This entry runs in browsers too; under Node, `mlflow-rest-ts` has also the
 * calls that work on files.
 *
 * @module
 */
export type { Auth } from './address.js';
export type { Tags } from './answer.js';
export type * from './api/artifact-urls.js';
export type * from './api/artifacts.js';
export type * from './api/experiments.js';
export type * from './api/logged-models.js';
export type * from './api/metrics.js';
export type * from './api/model-version.js';
export type * from './api/model-versions.js';
export type * from './api/registered-models.js';
export type * from './api/run.js';
export type * from './api/runs.js';
export { artifactPath, joinUri } from './artifacts/uri.js';
export { type ClientOptions, MlflowClient } from './client.js';
export type { EnsureExperiment } from './ensure/experiment.js';
export type { Key } from './ensure/key.js';
export type { EnsureLoggedModel } from './ensure/logged-model.js';
export type { EnsureModelVersion } from './ensure/model-version.js';
export type { EnsureRun } from './ensure/run.js';
export * from './errors.js';
export type { CallOptions } from './http.js';
export type { Int64 } from './json.js';
export type { MetricContext, MetricLogger, MetricLoggerOptions } from './metric-logger.js';
export type { Promote, Rollback, ServingStage } from './promote.js';
export type { ActiveRun, WithRun } from './with-run.js';
