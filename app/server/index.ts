/**
 * The page of ml4: its server. The program that starts it says where models and files come from.
 *
 * @module
 */
export type { PageOptions, TestRow } from './options.js';
export type { ModelSource } from './predict/model-host.js';
export type { AirflowOptions } from './runs/airflow.js';
export { type ListenOptions, type RunningServer, startServer } from './server.js';
