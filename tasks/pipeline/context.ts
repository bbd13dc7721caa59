import type { MlflowClient } from 'mlflow-rest-ts';
import type { Logger } from 'winston';
import type { Config } from './config.js';
import type { Volume } from './volume.js';

export const STAGES = ['fetch', 'train', 'eval', 'register', 'notify'] as const;
export type StageName = (typeof STAGES)[number];

/**
 * One step of the pipeline. It reads what earlier stages left on the volume, and may be repeated:
 * a second call with the same context goes on or returns the same result.
 *
 * @throws InputError on bad input, which no retry cures.
 */
export type Stage = (config: Config, context: StageContext) => Promise<Result>;

/** Ids and figures that a stage prints as its last line; never data. */
export type Result = Record<string, string | number | boolean | null>;

export interface StageContext {
  readonly pipelineId: string;
  readonly mlflow: MlflowClient;
  /** The pipeline's MLflow run; `artifactUri` is `mlflow-artifacts:/<experiment>/<run>/artifacts`. */
  readonly run: {
    readonly runId: string;
    readonly experimentId: string;
    readonly artifactUri: string;
  };
  readonly volume: Volume;
  readonly logger: Logger;
  /** Shows how far a long step is; `total` and `done` are in a unit of the stage's choice. */
  readonly progress: (title: string, total: number) => Progress;
  /** Aborted by SIGTERM and SIGINT: save what a later start needs and throw the signal's reason. */
  readonly signal: AbortSignal;
  /** Present only where a person sits at a terminal. */
  readonly prompts?: Prompts;
}

export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

export interface Prompts {
  confirm(question: string): Promise<boolean>;
  /** A numbered list, from 1. */
  choose<T extends string>(question: string, options: readonly T[]): Promise<T>;
}
