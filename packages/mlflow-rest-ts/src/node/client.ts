import { join } from 'node:path';
import { artifactPath } from '../artifacts/uri.js';
import { MlflowClient as CoreClient } from '../client.js';
import type { ClientOptions } from '../http.js';
import type { ActiveRun } from '../with-run.js';
import { inExperiment, type NodeWithRun } from './active-run.js';
import { fromEnvironment } from './environment.js';
import type { TlsOptions } from './fetch.js';
import type { FileStore, TransferOptions, Transferred } from './file-store.js';
import { type FolderOptions, localFiles, moveAll, remoteFiles } from './folders.js';
import { MountedFiles } from './mounted-files.js';
import { underProcessSignals } from './process-signals.js';
import { ServerFiles } from './server-files.js';

/** What is not given comes from the environment, as with MLflow's Python client. */
export interface NodeClientOptions extends Omit<ClientOptions, 'trackingUri'> {
  /** The server's base address. @default the environment variable `MLFLOW_TRACKING_URI` */
  trackingUri?: string | undefined;
  /**
   * The folder of the server's artifact root (`--artifacts-destination`), where this machine has
   * it too. Artifacts are then read and written there, and do not go through the server.
   */
  mountedAt?: string | undefined;
  /** @default the environment variables `MLFLOW_TRACKING_…` */
  tls?: TlsOptions | undefined;
}

/** A file of a folder that was moved. */
export interface TransferredFile extends Transferred {
  /** Relative to the folder, with `/`. */
  path: string;
}

/** The client of one MLflow server, with the calls that work on local files. */
export class MlflowClient extends CoreClient {
  readonly #files: FileStore;

  /** @throws TypeError if neither option nor environment says where the server is */
  constructor(options: NodeClientOptions = {}) {
    const { mountedAt, tls, ...given } = options;
    const defaults = fromEnvironment(process.env, { ...given, tls });
    const { trackingUri } = defaults;
    if (trackingUri === undefined) {
      throw new TypeError('no server is given: give trackingUri, or set MLFLOW_TRACKING_URI');
    }
    const stores: FileStore[] = [];
    super({ ...defaults, ...withoutUndefined(given), trackingUri }, (http) => {
      stores[0] = mountedAt === undefined ? new ServerFiles(http) : new MountedFiles(mountedAt);
      return stores[0];
    });
    this.#files = stores[0]!;
  }

  /**
   * As in browsers. SIGINT and SIGTERM too end the run as KILLED, and then the process. A run that
   * names no experiment is in that of `MLFLOW_EXPERIMENT_NAME` or `MLFLOW_EXPERIMENT_ID`.
   */
  override withRun<T>(params: NodeWithRun, work: (active: ActiveRun) => Promise<T>): Promise<T> {
    return underProcessSignals(params.signal, async (signal) => {
      const complete = await inExperiment(this, params, process.env);
      return super.withRun({ ...complete, signal }, work);
    });
  }

  /** Uploads one file, as a stream; `artifactUri` ends in the name that it is to have. */
  async uploadFile(
    artifactUri: string,
    localPath: string,
    options: TransferOptions = {},
  ): Promise<Transferred> {
    return this.#files.upload(artifactPath(artifactUri), localPath, options);
  }

  /** Downloads one file, as a stream. The local file appears whole or not at all. */
  async downloadFile(
    artifactUri: string,
    localPath: string,
    options: TransferOptions = {},
  ): Promise<Transferred> {
    return this.#files.download(artifactPath(artifactUri), localPath, options);
  }

  /**
   * Uploads what is in a folder, at most `concurrency` files at once.
   *
   * @returns the files in order of their paths
   */
  async uploadDir(
    artifactUri: string,
    localDir: string,
    options: FolderOptions = {},
  ): Promise<TransferredFile[]> {
    const root = artifactPath(artifactUri);
    const files = await localFiles(localDir);
    return moveAll(files, options, (path, transfer) =>
      this.#files.upload(`${root}/${path}`, join(localDir, ...path.split('/')), transfer),
    );
  }

  /**
   * Downloads what is in a folder of artifacts, at most `concurrency` files at once.
   *
   * @returns the files in order of their paths
   */
  async downloadDir(
    artifactUri: string,
    localDir: string,
    options: FolderOptions = {},
  ): Promise<TransferredFile[]> {
    const root = artifactPath(artifactUri);
    const files = await remoteFiles(this.#files, root, options);
    return moveAll(files, options, (path, transfer) =>
      this.#files.download(`${root}/${path}`, join(localDir, ...path.split('/')), transfer),
    );
  }
}

/** An option that is undefined is one that is not given. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as T;
}
