import { join } from 'node:path';
import { artifactPath } from '../artifacts/uri.js';
import { type ClientOptions, MlflowClient as CoreClient } from '../client.js';
import type { FileStore, TransferOptions, Transferred } from './file-store.js';
import { type FolderOptions, localFiles, moveAll, remoteFiles } from './folders.js';
import { MountedFiles } from './mounted-files.js';
import { ServerFiles } from './server-files.js';

export interface NodeClientOptions extends Omit<ClientOptions, 'trackingUri'> {
  /** The server's base address. @default the environment variable MLFLOW_TRACKING_URI */
  trackingUri?: string | undefined;
  /**
   * The folder of the server's artifact root (`--artifacts-destination`), where this machine has
   * it too. Artifacts are then read and written there, and do not go through the server.
   */
  mountedAt?: string | undefined;
}

/** A file of a folder that was moved. */
export interface TransferredFile extends Transferred {
  /** Relative to the folder, with `/`. */
  path: string;
}

/** The client of one MLflow server, with the calls that work on local files. */
export class MlflowClient extends CoreClient {
  readonly #files: FileStore;

  constructor(options: NodeClientOptions = {}) {
    const { mountedAt, trackingUri = process.env.MLFLOW_TRACKING_URI ?? '', ...rest } = options;
    let files: FileStore | undefined;
    super({ ...rest, trackingUri }, (http) => {
      files = mountedAt === undefined ? new ServerFiles(http) : new MountedFiles(mountedAt);
      return files;
    });
    this.#files = files as unknown as FileStore;
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
    options: TransferOptions & { sha256?: string } = {},
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
