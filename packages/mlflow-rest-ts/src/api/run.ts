import { type Answer, type Tags, toPairs } from '../answer.js';
import type { Int64 } from '../json.js';
import { type Metric, toMetric } from './metrics.js';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface RunInfo {
  runId: string;
  runName: string | undefined;
  experimentId: string;
  status: RunStatus;
  /** Milliseconds since 1970. */
  startTime: number | undefined;
  /** Milliseconds since 1970. */
  endTime: number | undefined;
  artifactUri: string;
  lifecycleStage: 'active' | 'deleted';
  userId: string | undefined;
}

export interface Run {
  info: RunInfo;
  data: {
    /** By key, each metric's last value. */
    metrics: Record<string, Metric>;
    params: Tags;
    tags: Tags;
  };
  inputs: { datasets: DatasetInput[]; models: { modelId: string }[] };
  outputs: { models: { modelId: string; step: Int64 }[] };
}

/** A data set that a run reads. */
export interface DatasetInput {
  /** The tag `mlflow.data.context` says what for: `training`, `evaluation`. */
  tags?: Tags | undefined;
  dataset: Dataset;
}

export interface Dataset {
  name: string;
  /** At most 36 characters. */
  digest: string;
  /** `local`, `http`, `hugging_face`, `code`, … */
  sourceType: string;
  /** JSON that says where it comes from; its form depends on `sourceType`. */
  source: string;
  /** JSON, e.g. `{"mlflow_colspec": [{"name": "text", "type": "string"}]}`. */
  schema?: string | undefined;
  /** JSON, e.g. `{"num_rows": 150000}`. */
  profile?: string | undefined;
}

export function toRun(answer: Answer): Run {
  const data = answer.object('data');
  const inputs = answer.object('inputs');
  return {
    info: toRunInfo(answer.object('info')),
    data: {
      metrics: Object.fromEntries(data.list('metrics', toMetric).map((m) => [m.key, m])),
      params: data.tags('params'),
      tags: data.tags('tags'),
    },
    inputs: {
      datasets: inputs.list('dataset_inputs', toDatasetInput),
      models: inputs.list('model_inputs', (model) => ({ modelId: model.string('model_id') })),
    },
    outputs: {
      models: answer.object('outputs').list('model_outputs', (model) => ({
        modelId: model.string('model_id'),
        step: model.int64('step'),
      })),
    },
  };
}

export function toRunInfo(answer: Answer): RunInfo {
  return {
    runId: answer.string('run_id'),
    runName: answer.optionalString('run_name'),
    experimentId: answer.string('experiment_id'),
    status: answer.string('status') as RunStatus,
    startTime: answer.optionalNumber('start_time'),
    endTime: answer.optionalNumber('end_time'),
    artifactUri: answer.string('artifact_uri'),
    lifecycleStage: answer.string('lifecycle_stage') === 'deleted' ? 'deleted' : 'active',
    userId: answer.optionalString('user_id'),
  };
}

function toDatasetInput(answer: Answer): DatasetInput {
  const dataset = answer.object('dataset');
  return {
    tags: answer.tags('tags'),
    dataset: {
      name: dataset.string('name'),
      digest: dataset.string('digest'),
      sourceType: dataset.string('source_type'),
      source: dataset.string('source'),
      schema: dataset.optionalString('schema'),
      profile: dataset.optionalString('profile'),
    },
  };
}

export function datasetInputBody({ tags, dataset }: DatasetInput) {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    tags: toPairs(tags),
    dataset: { name, digest, source_type: sourceType, source, schema, profile },
  };
}
