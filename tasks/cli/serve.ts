import { once } from 'node:events';
import { resolve } from 'node:path';
import { type PageOptions, startServer } from 'ml4-app';
import { MlflowClient } from 'mlflow-rest-ts';
import { findVersion, syncMirror } from 'model-registry';
import { readSplit } from '../eval/read-split.js';
import type { Config } from '../pipeline/config.js';
import { InputError } from '../pipeline/errors.js';
import { readManifest } from '../pipeline/manifest.js';
import { projectRoot } from '../pipeline/project.js';
import { registeredModelFolder } from '../pipeline/registered-model.js';
import { pageUrl, trackingUri, volumeRoot } from '../pipeline/run.js';
import { openVolume } from '../pipeline/volume.js';
import { limitsOf } from '../register/challenge.js';
import { currentUser } from '../register/user.js';
import { openDisplay } from './display.js';
import { findModel } from './models/registry.js';
import { type CommonOptions, configOf, isChosen, isDebug } from './options.js';
import { listenForSignals } from './signals.js';
import { readTexts } from './texts.js';

type ServeOptions = CommonOptions & { host: string; port: string; model?: string };

/** `ml4 serve`: the web page and its HTTP API, until Ctrl-C. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const config = await configOf(options);
  const { logger } = openDisplay({ debug: isDebug(options) });
  const local = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(options.host);
  const credentials = {
    password: process.env.ML4_APP_PASSWORD || undefined,
    token: process.env.ML4_APP_TOKEN || undefined,
  };
  if (!local && !credentials.password && !credentials.token) {
    throw new InputError('Whoever reaches this machine could change what is in Production.', {
      where: `--host ${options.host}`,
      fix: 'Set ML4_APP_PASSWORD (for people) or ML4_APP_TOKEN (for programs) first.',
    });
  }
  const log = (message: string, { error }: { error?: unknown } = {}) => {
    if (error === undefined) logger.info(message);
    else logger.error(message, { reason: error instanceof Error ? error.stack : String(error) });
  };
  const server = await startServer(
    { ...pageOptions(config, options), credentials, local, log },
    { host: options.host, port: portOf(options.port) },
  ).catch((error: unknown) => {
    throw explained(error, options);
  });
  logger.info(`The page is at ${server.url}. Ctrl-C ends it.`);
  await once(listenForSignals(), 'abort');
  await server.close();
}

/** What the page is told of this project: where models, data and other pages are. */
function pageOptions(
  config: Config,
  options: ServeOptions,
): Omit<PageOptions, 'credentials' | 'local' | 'log'> {
  const root = volumeRoot(config);
  const uri = trackingUri(config);
  // A person waits for the answer: a server that is away is said to be away soon.
  const mlflow = new MlflowClient({ trackingUri: uri, timeoutMs: 20_000, maxRetries: 1 });
  const registeredModel = modelOfPage(config, mlflow, options);
  return {
    mlflow,
    registeredModel,
    experiment: isChosen(options, 'tracking.experiment') ? config.tracking.experiment : null,
    user: currentUser(),
    toPromote: config.register.gate.to_promote,
    limits: limitsOf(config),
    precision: config.train.precision,
    threads: config.train.threads,
    source: {
      find: async (version) => findVersion(mlflow, await registeredModel(), { version }),
      folder: (version) => registeredModelFolder(mlflow, version, root),
    },
    readTexts,
    async readTestSplit(runId) {
      const { info } = await mlflow.runs.get({ runId });
      const run = { runId, artifactUri: info.artifactUri };
      const { volume } = openVolume({
        mlflow,
        trackingUri: uri,
        run,
        root,
        probe: 'pipeline.json',
      });
      const { dataset } = await readManifest(volume, 'fetch/manifest.json');
      return readSplit(root, dataset.splits.test, dataset.labels.length);
    },
    async onChange() {
      await syncMirror(mlflow, resolve(projectRoot, config.register.mirror));
    },
    mlflowPage: (page) => pageUrl(config, page),
    airflow: airflowOf(process.env),
  };
}

/** The model that `ml4 models` is about; once it has a version the page stays with it. */
function modelOfPage(
  config: Config,
  mlflow: MlflowClient,
  options: ServeOptions,
): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    if (known !== undefined) return known;
    const { name, versions } = await findModel(config, mlflow, options);
    if (versions.length > 0) known = name;
    return name;
  };
}

/** Where runs are started, if the environment says it. */
function airflowOf(env: NodeJS.ProcessEnv): PageOptions['airflow'] {
  const url = env.AIRFLOW_URL;
  if (!url) return undefined;
  const username = env.AIRFLOW_USERNAME;
  const password = env.AIRFLOW_PASSWORD;
  if (!URL.canParse(url) || !username || !password) {
    throw new InputError('To start runs the page has to sign in to Airflow.', {
      where: 'AIRFLOW_URL',
      fix: 'Set AIRFLOW_URL (such as http://127.0.0.1:8080), AIRFLOW_USERNAME and AIRFLOW_PASSWORD, or none.',
    });
  }
  const dagId = env.AIRFLOW_DAG_ID || 'ml4_pipeline';
  return { url, username, password, dagId, publicUrl: env.AIRFLOW_PUBLIC_URL || undefined };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new InputError(`A port is a number up to 65535; this is ${text}.`, { where: '--port' });
}

function explained(error: unknown, { host, port }: ServeOptions): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new InputError('Another program listens there already.', {
      where: `${host}:${port}`,
      fix: 'End it, or choose another port: --port 8502.',
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
    return new InputError(`This machine cannot listen there (${code}).`, {
      where: `${host}:${port}`,
      fix: 'Use 127.0.0.1 or 0.0.0.0, and a port above 1023.',
      cause: error,
    });
  }
  return error;
}
