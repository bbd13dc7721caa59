/**
 * {@link MlflowClient} for Node: the client of the browser-safe core, and what works on files.
 *
 * @module
 */
export * from '../index.js';
export type { NodeWithRun } from './active-run.js';
export { MlflowClient, type NodeClientOptions, type TransferredFile } from './client.js';
export type { TlsOptions } from './fetch.js';
export type { TransferOptions, Transferred } from './file-store.js';
export type { FolderOptions, Progress } from './folders.js';
