import type { ArtifactStore } from '../artifacts/store.js';
import type { CallOptions } from '../http.js';

/** How a file goes from or to the store. */
export interface TransferOptions extends CallOptions {
  /** Called with the number of bytes that have moved since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/** A file that was moved, as it is at both ends. */
export interface Transferred {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** A store that moves whole files too, without holding them in memory. */
export interface FileStore extends ArtifactStore {
  upload(path: string, localPath: string, options: TransferOptions): Promise<Transferred>;
  /** The local file appears whole or not at all. */
  download(path: string, localPath: string, options: TransferOptions): Promise<Transferred>;
}
