/** Routes of the server that this package leaves out, by how they begin, and why. */
export const LEFT_OUT_ROUTES: Record<string, string> = {
  'GET /api/2.0/mlflow/experiments/search': 'the same as POST',
  'GET /api/2.0/mlflow/registered-models/get-latest-versions': 'the same as POST',
  'POST /api/2.0mlflow/experiments/search-datasets': 'a slash is missing; it is under /ajax-api',
};

/** Areas of the server that this package leaves out: what their routes match, and why. */
export const LEFT_OUT_AREAS: [RegExp, string][] = [
  [
    /\/mlflow\/(traces|trace|unified-traces|get-trace|get-online-trace|assessments|spans)/,
    'traces: `@mlflow/core`',
  ],
  [/\/mlflow\/datasets/, 'data sets for the evaluation of agents'],
  [/\/mlflow\/(scorers|issues|label-schemas|review-queues)/, 'evaluation of agents'],
  [/\/mlflow\/(prompts|prompt-optimization)/, 'prompts'],
  [/\/mlflow\/gateway/, 'the gateway to language models'],
  [/\/mlflow\/mcp/, 'MCP servers'],
  [/\/mlflow\/webhooks/, 'webhooks'],
  [/\/mlflow\/(workspaces|server-info)/, 'workspaces, and what the server says of itself'],
  [/\/mlflow\/(users|permissions|jobs)/, 'administration'],
  [/\/graphql$/, 'for the UI'],
];

/** Methods of Python's MlflowClient without a route of their own, and what stands for them here. */
export const PYTHON_HELPERS: Record<string, string> = {
  set_terminated: '`runs.update`, `withRun`',
  log_artifact: '`uploadFile`',
  log_artifacts: '`uploadDir`',
  download_artifacts: '`downloadFile`, `downloadDir`, `readArtifact`',
  log_model_artifact: "`uploadFile` to the model's `artifactUri`",
  log_model_artifacts: "`uploadDir` to the model's `artifactUri`",
  log_text: '`writeArtifact`',
  log_dict: '`writeArtifact` of JSON',
  log_stream: '`writeArtifact`, `uploadFile`',
  log_figure: '`writeArtifact`, `uploadFile`',
  log_image: '`writeArtifact`, `uploadFile`',
  log_table: '`writeArtifact` of `{"columns", "data"}`',
  load_table: '`readArtifact`',
  get_parent_run: '`runs.get` of the tag `mlflow.parentRunId`',
  get_model_version_stages: 'the type `Stage`',
  copy_model_version: '`modelVersions.create` with the source `models:/<name>/<version>`',
};

/** Methods of Python's MlflowClient of the areas that are left out. */
export const LEFT_OUT_METHODS =
  /prompt|trace|span|webhook|mcp|workspace|(create|delete|get|search)_datasets?$|dataset_tag|dataset_to|dataset_from/;
