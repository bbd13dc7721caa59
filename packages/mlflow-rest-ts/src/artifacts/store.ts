import { type FileInfo, toFileInfo } from '../api/artifacts.js';
import { goneIsDone } from '../api/endpoint.js';
import type { CallOptions, Http } from '../http.js';

/** The files below the server's artifact root, by their path from there. */
export interface ArtifactStore {
  read(path: string, options: CallOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes a file, whole or not at all; one that is there is replaced. */
  write(path: string, data: Uint8Array<ArrayBuffer>, options: CallOptions): Promise<void>;
  /** Lists one folder; an absent one is empty. Paths are relative to it. */
  list(path: string, options: CallOptions): Promise<FileInfo[]>;
  /** Deletes a file, or a folder with all that is in it. */
  delete(path: string, options: CallOptions): Promise<void>;
}

const ENDPOINT = '/api/2.0/mlflow-artifacts/artifacts';

/** The files through the server (`mlflow-artifacts/artifacts/…`). */
export class ServerStore implements ArtifactStore {
  constructor(protected readonly http: Http) {}

  read(path: string, options: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.http.send(
      {
        method: 'GET',
        path: artifactAddress(path),
        safe: true,
        read: async (response, moving) => readBody(response, moving),
      },
      options,
    );
  }

  async write(path: string, data: Uint8Array<ArrayBuffer>, options: CallOptions): Promise<void> {
    await this.http.send(
      {
        method: 'PUT',
        path: artifactAddress(path),
        body: () => data,
        safe: true,
        read: (response) => response.text(),
      },
      options,
    );
  }

  list(path: string, options: CallOptions): Promise<FileInfo[]> {
    return this.http.json(
      { method: 'GET', path: ENDPOINT },
      { path },
      (answer) => answer.list('files', toFileInfo),
      options,
    );
  }

  async delete(path: string, options: CallOptions): Promise<void> {
    await this.http.json(
      { method: 'DELETE', path: artifactAddress(path), ...goneIsDone },
      {},
      () => true,
      options,
    );
  }
}

/** Path of the endpoint of one file or folder. */
export function artifactAddress(path: string): string {
  return `${ENDPOINT}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

async function readBody(response: Response, moving: () => void): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    moving();
    chunks.push(chunk);
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
