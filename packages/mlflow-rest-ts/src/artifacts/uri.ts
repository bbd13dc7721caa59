const SCHEME = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/;
const PROXY_ADDRESS = /^https?:\/\/[^/]+(?:\/.*)?\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.*)$/;

/**
 * The path below the server's artifact root that an artifact URI names, as in
 * `mlflow-artifacts:/1/<run>/artifacts/model` → `1/<run>/artifacts/model`.
 *
 * @throws TypeError for other URIs (`s3:`, `file:`), which a client of the server cannot reach,
 *   and for paths that leave the root
 */
export function artifactPath(uri: string): string {
  const path = SCHEME.exec(uri)?.[1] ?? PROXY_ADDRESS.exec(uri)?.[1];
  if (path === undefined) {
    throw new TypeError(
      `"${uri}" is not under the server's artifact root: only mlflow-artifacts: URIs are, which a server that is started with --serve-artifacts gives`,
    );
  }
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new TypeError(`"${uri}" has a relative segment`);
  }
  return segments.join('/');
}

/** The URI of something below another. */
export function joinUri(uri: string, path: string): string {
  return path === '' ? uri : `${uri.replace(/\/+$/, '')}/${path}`;
}
