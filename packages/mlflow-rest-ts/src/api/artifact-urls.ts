import type { Answer, Tags } from '../answer.js';
import type { CallOptions, Http } from '../http.js';
import { endpoint, nothing } from './endpoint.js';

/** An address of the storage behind the server, where a file can be put or got for a while. */
export interface PresignedUrl {
  url: string;
  /** To be sent with the request. */
  headers: Tags;
  /** Bytes, where the server says it. */
  fileSize: number | undefined;
}

export interface PresignUpload extends CallOptions {
  runId?: string | undefined;
  /** Instead of a run. */
  modelId?: string | undefined;
  /** Below the run's, or model's, artifact root. */
  path: string;
  /** Seconds. */
  expiration?: number | undefined;
}

export interface UploadPart {
  partNumber: number;
  url: string;
  headers: Tags;
}

/** Names a file. */
export interface ByPath extends CallOptions {
  /** Below the server's artifact root. */
  path: string;
}

/**
 * Presigned addresses and uploads in parts: by these a large file goes to object storage without
 * passing through the server. A server that keeps artifacts in a folder answers 501.
 */
export class ArtifactUrls {
  constructor(private readonly http: Http) {}

  createPresignedUploadUrl(params: PresignUpload): Promise<PresignedUrl> {
    const { runId, modelId, path, expiration } = params;
    return this.http.json(
      endpoint('POST', 'artifacts/presigned-upload-url'),
      { run_id: runId, model_id: modelId, path, expiration },
      toPresignedUrl,
      params,
    );
  }

  createPresignedDownloadUrl(
    params: Omit<PresignUpload, 'modelId'> & { runId: string },
  ): Promise<PresignedUrl> {
    const { runId, path, expiration } = params;
    return this.http.json(
      endpoint('POST', 'artifacts/presigned-download-url'),
      { run_id: runId, path, expiration },
      toPresignedUrl,
      params,
    );
  }

  getPresignedDownloadUrl(params: ByPath): Promise<PresignedUrl> {
    return this.http.json(
      { method: 'GET', path: address('presigned', params) },
      {},
      toPresignedUrl,
      params,
    );
  }

  /** Begins an upload in parts. */
  createMultipartUpload(
    params: ByPath & { numParts: number },
  ): Promise<{ uploadId: string | undefined; parts: UploadPart[] }> {
    return this.http.json(
      { method: 'POST', path: address('mpu/create', params), safe: false },
      { path: basename(params.path), num_parts: params.numParts },
      (answer) => ({
        uploadId: answer.optionalString('upload_id'),
        parts: answer.list('credentials', (part) => ({
          partNumber: part.number('part_number'),
          url: part.string('url'),
          headers: toHeaders(part),
        })),
      }),
      params,
    );
  }

  async completeMultipartUpload(
    params: ByPath & {
      uploadId: string;
      parts: { partNumber: number; etag: string; url?: string }[];
    },
  ): Promise<void> {
    const parts = params.parts.map(({ partNumber, etag, url }) => ({
      part_number: partNumber,
      etag,
      url,
    }));
    await this.http.json(
      { method: 'POST', path: address('mpu/complete', params), safe: false },
      { path: basename(params.path), upload_id: params.uploadId, parts },
      nothing,
      params,
    );
  }

  async abortMultipartUpload(params: ByPath & { uploadId: string }): Promise<void> {
    await this.http.json(
      { method: 'POST', path: address('mpu/abort', params) },
      { path: basename(params.path), upload_id: params.uploadId },
      nothing,
      params,
    );
  }
}

/** These endpoints name the folder in their path and the file in their body. */
function address(kind: string, { path }: ByPath): string {
  const named = kind === 'presigned' ? path : path.slice(0, -basename(path).length - 1);
  return `/api/2.0/mlflow-artifacts/${kind}/${named.split('/').map(encodeURIComponent).join('/')}`;
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function toPresignedUrl(answer: Answer): PresignedUrl {
  return {
    url: answer.optionalString('presigned_url') ?? answer.string('url'),
    headers: toHeaders(answer),
    fileSize: answer.optionalNumber('file_size'),
  };
}

/** Protobuf's maps are JSON objects. */
function toHeaders(answer: Answer): Tags {
  return answer.object('headers').record();
}
