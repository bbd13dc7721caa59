import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isNotFound, MlflowClient } from 'mlflow-rest-ts';
import { InputError } from './errors.js';

/** The folder shared by all stages and the MLflow server, and the artifacts of this pipeline's run. */
export interface Volume {
  /** Absolute path. Where the server's folder is not mounted here, a local scratch folder. */
  readonly root: string;
  /** Writes a file under the run's artifacts, whole or not at all. `path` has forward slashes. */
  writeArtifact(path: string, data: string | Uint8Array): Promise<void>;
  /** @throws InputError naming the stage to run first, where there is no such artifact. */
  readArtifact(path: string): Promise<Uint8Array>;
  /** The local folder behind an artifact URI; null where only the server's API reaches it. */
  localPath(artifactUri: string): string | null;
  /** `<root>/cache/<kind>/<key>`; not created. */
  cacheDir(
    kind: 'datasets' | 'models' | 'downloads' | 'encoded' | 'registered',
    key: string,
  ): string;
  /** `<root>/work/<run_id>`, for what a stopped stage goes on from; not created. */
  workDir(): string;
}

export interface VolumeOptions {
  /** A client that goes through the server, and that server's address. */
  mlflow: MlflowClient;
  trackingUri: string;
  run: { runId: string; artifactUri: string };
  /** Absolute path of the folder that the server's artifacts may lie in. */
  root: string;
  /** An artifact that the server has; `root` is the server's folder if it is found there too. */
  probe: string;
}

/** The volume, and a client that reaches artifacts directly where the server's folder is mounted. */
export function openVolume(options: VolumeOptions): { volume: Volume; mlflow: MlflowClient } {
  const { run, root, probe, trackingUri } = options;
  const probePath = pathBehind(`${run.artifactUri}/${probe}`, root);
  const mounted = probePath !== null && existsSync(probePath);
  const mlflow = mounted ? new MlflowClient({ trackingUri, mountedAt: root }) : options.mlflow;
  const uriOf = (path: string) => `${run.artifactUri}/${path}`;

  const volume: Volume = {
    root,
    localPath: (artifactUri) => (mounted ? pathBehind(artifactUri, root) : null),
    cacheDir: (kind, key) => join(root, 'cache', kind, key),
    workDir: () => join(root, 'work', run.runId),
    async writeArtifact(path, data) {
      const bytes = typeof data === 'string' ? data : new Uint8Array(data);
      await mlflow.writeArtifact(uriOf(path), bytes);
    },
    async readArtifact(path) {
      try {
        return await mlflow.readArtifact(uriOf(path));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const stage = path.split('/')[0];
        throw new InputError(`This pipeline has no ${path} yet.`, {
          fix: `Run \`ml4 ${stage}\` first, with the same configuration or --pipeline.`,
          cause: error,
        });
      }
    },
  };
  return { volume, mlflow };
}

/** `mlflow-artifacts:/1/ab/artifacts` is `<root>/1/ab/artifacts`; other schemes lie elsewhere. */
export function pathBehind(artifactUri: string, root: string): string | null {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(artifactUri);
  if (!match?.[1]) return null;
  const path = join(root, ...match[1].split('/'));
  return path.startsWith(root + sep) ? path : null;
}
