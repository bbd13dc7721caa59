import type { MlflowClient } from 'mlflow-rest-ts';
import type { Limits, Requirement } from 'model-registry';
import type { ReadTexts } from './files/jobs.js';
import type { ModelHostOptions } from './predict/model-host.js';
import type { AirflowOptions } from './runs/airflow.js';
import type { Credentials } from './security/session.js';

/** What the server is told by the program that starts it. */
export interface PageOptions extends ModelHostOptions {
  readonly mlflow: MlflowClient;
  /** Name of the registered model that the page is about. */
  readonly registeredModel: () => Promise<string>;
  /** MLflow's experiment whose pipelines are shown; null: those of all. */
  readonly experiment: string | null;
  /** Who changes stages, as the history names them. */
  readonly user: string;
  /** What a version must be, against the champion, to be promoted without a second question. */
  readonly toPromote: Requirement;
  /** What a version may lose against the champion without being worse. @default model-registry's */
  readonly limits?: Limits;
  readonly credentials: Credentials;
  /** Whether only this machine reaches the server. */
  readonly local: boolean;
  readonly readTexts: ReadTexts;
  /** The test split of a run, as far as it can be read here. */
  readonly readTestSplit: (runId: string) => Promise<TestRow[]>;
  /** After a change of stages: rebuilds the mirror file. */
  readonly onChange: () => Promise<void>;
  /** The page of MLflow that shows this, as a person's browser reaches it. */
  readonly mlflowPage: (path: string) => string;
  readonly airflow?: AirflowOptions | undefined;
  readonly log: (message: string, details?: object) => void;
  /** Bytes of an uploaded file. @default 64 MB */
  readonly uploadLimit?: number;
}

export interface TestRow {
  id: string;
  text: string;
  /** Index of the label. */
  label: number;
}
