import type { Answer, Tags } from '../answer.js';
import { type Metric, toMetric } from './metrics.js';

/** A version's stage. MLflow calls stages deprecated in favor of aliases; its UI shows both. */
export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';

export interface ModelVersion {
  name: string;
  /** `'1'`, `'2'`, …: the server counts. */
  version: string;
  /** Milliseconds since 1970. */
  creationTimestamp: number;
  /** Milliseconds since 1970. */
  lastUpdatedTimestamp: number;
  userId: string | undefined;
  currentStage: Stage;
  description: string | undefined;
  /** Where the model comes from: `models:/m-…`, or an artifact URI. */
  source: string | undefined;
  runId: string | undefined;
  runLink: string | undefined;
  /** The logged model that this is a version of; a server that leaves it out says it in `source`. */
  modelId: string | undefined;
  status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY';
  statusMessage: string | undefined;
  tags: Tags;
  aliases: string[];
  /** Params of the logged model. */
  params: Tags;
  /** Metrics of the logged model. */
  metrics: Metric[];
}

export function toModelVersion(answer: Answer): ModelVersion {
  return {
    name: answer.string('name'),
    version: answer.string('version'),
    creationTimestamp: answer.number('creation_timestamp'),
    lastUpdatedTimestamp: answer.number('last_updated_timestamp'),
    userId: answer.optionalString('user_id'),
    currentStage: (answer.optionalString('current_stage') ?? 'None') as Stage,
    description: answer.optionalString('description'),
    source: answer.optionalString('source'),
    runId: answer.optionalString('run_id'),
    runLink: answer.optionalString('run_link'),
    modelId: answer.optionalString('model_id') ?? modelIdIn(answer.optionalString('source')),
    status: (answer.optionalString('status') ?? 'READY') as ModelVersion['status'],
    statusMessage: answer.optionalString('status_message'),
    tags: answer.tags('tags'),
    aliases: answer.strings('aliases'),
    params: answer.tags('model_params', 'name'),
    metrics: answer.list('model_metrics', toMetric),
  };
}

function modelIdIn(source: string | undefined): string | undefined {
  return /^models:\/(m-[^/]+)$/.exec(source ?? '')?.[1];
}
