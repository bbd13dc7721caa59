import { MlflowClient } from '../src/index.js';

/** One call of everything: the route that each method of the client uses. */
export async function recordRoutes(): Promise<Map<string, string>> {
  const routes = new Map<string, string>();
  let route = '';
  const client = new MlflowClient({
    trackingUri: 'http://server',
    fetch: async (input, init) => {
      route ||= `${init?.method} ${new URL(String(input)).pathname}`;
      return Response.json({});
    },
  });
  const record = async (name: string, call: () => Promise<unknown>) => {
    route = '';
    // The answer is empty, which most methods will not have; the route is known by then.
    await call().catch(() => undefined);
    routes.set(name, route);
  };

  for (const [group, object] of Object.entries(client)) {
    if (typeof object !== 'object') continue;
    for (const method of methodsOf(object)) {
      await record(`${group}.${method}`, () => object[method]?.(EVERYTHING) as Promise<unknown>);
    }
  }
  const uri = 'mlflow-artifacts:/a/b';
  await record('readArtifact', () => client.readArtifact(uri));
  await record('writeArtifact', () => client.writeArtifact(uri, 'x'));
  await record('listArtifacts', () => client.listArtifacts(uri));
  await record('deleteArtifact', () => client.deleteArtifact(uri));
  return routes;
}

/** Iterators use the route of the page that they go through. */
function methodsOf(object: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter(
    (name) => name !== 'constructor' && !name.endsWith('All'),
  );
}

/** The parameters of all methods in one. */
const EVERYTHING = {
  experimentId: '1',
  experimentIds: ['1'],
  runId: 'r',
  runIds: ['r'],
  modelId: 'm-1',
  name: 'n',
  newName: 'o',
  version: '1',
  alias: 'a',
  key: 'k',
  value: 'v',
  path: 'a/b',
  source: 's',
  stage: 'None',
  status: 'READY',
  tags: {},
  params: {},
  metrics: [],
  models: [],
  parts: [],
  uploadId: 'u',
  numParts: 1,
  maxResults: 1,
  modelJson: '{}',
};
