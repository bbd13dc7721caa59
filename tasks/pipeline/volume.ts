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
  cacheDir(kind: 'datasets' | 'models' | 'downloads', key: string): string;
  /** `<root>/work/<run_id>`, for what a stopped stage goes on from; not created. */
  workDir(): string;
}
