import type { Answer } from '../answer.js';
import type { CallOptions, Http } from '../http.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint } from './endpoint.js';

/** A file or folder among a run's or a model's artifacts. */
export interface FileInfo {
  /** Relative to the root that was listed. */
  path: string;
  isDir: boolean;
  /** Bytes; undefined for a folder. */
  fileSize: number | undefined;
}

export interface ArtifactPage extends NextPage {
  /** URI of the run's, or model's, artifact root. */
  rootUri: string;
  files: FileInfo[];
}

export interface ListArtifacts extends CallOptions {
  runId: string;
  /** A folder below the run's artifact root. @default the root */
  path?: string | undefined;
  pageToken?: string | undefined;
}

/** `artifacts/…`: what lies among a run's artifacts. Files: `uploadFile`, `downloadFile`, …. */
export class Artifacts {
  constructor(private readonly http: Http) {}

  /** Lists one folder. */
  list(params: ListArtifacts): Promise<ArtifactPage> {
    const { runId, path, pageToken } = params;
    return this.http.json(
      endpoint('GET', 'artifacts/list'),
      { run_id: runId, path, page_token: pageToken },
      toArtifactPage,
      params,
    );
  }

  /** Everything in one folder, page after page. */
  listAll(params: ListArtifacts): AsyncGenerator<FileInfo, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.list({ ...params, pageToken }),
      (page) => page.files,
    );
  }
}

export function toArtifactPage(answer: Answer): ArtifactPage {
  return {
    rootUri: answer.optionalString('root_uri') ?? '',
    files: answer.list('files', toFileInfo),
    nextPageToken: answer.optionalString('next_page_token'),
  };
}

export function toFileInfo(answer: Answer): FileInfo {
  const isDir = answer.boolean('is_dir');
  return {
    path: answer.string('path'),
    isDir,
    fileSize: isDir ? undefined : (answer.optionalNumber('file_size') ?? 0),
  };
}
