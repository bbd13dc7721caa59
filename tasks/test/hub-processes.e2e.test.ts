import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { python as mlflowPython } from '../../packages/mlflow-rest-ts/test/python.js';
import { type Server, startServer } from '../../packages/mlflow-rest-ts/test/server.js';
import { hubSettings } from '../fetch/hub/settings.js';
import { snapshot } from '../fetch/hub/snapshot.js';
import { createLogger } from '../pipeline/logging.js';
import { projectRoot } from '../pipeline/project.js';
import { ml4 } from './cli-support.js';
import { commitOf, type HubRepository, HubServer } from './hub-server.js';

/** A Python with huggingface_hub. */
const PYTHON =
  process.env.ML4_REFERENCE_PYTHON ?? join(import.meta.dirname, '../../.ml4/reference/bin/python');
const FIXTURE = join(import.meta.dirname, 'fixtures/fetch-kcbert');
const NAME = 'beomi/kcbert-base';

let hub: HubServer;
let kcbert: HubRepository;
const root = await mkdtemp(join(tmpdir(), 'ml4-hub-'));
beforeAll(async () => {
  hub = await HubServer.start();
  const names = await readdir(FIXTURE);
  const contents = await Promise.all(names.map((name) => readFile(join(FIXTURE, name))));
  const files = Object.fromEntries(names.map((name, index) => [name, contents[index]!]));
  kcbert = { type: 'model', name: NAME, files };
});
beforeEach(() => {
  hub.reset();
  hub.add(kcbert);
});
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

/** Requests for the content of large files, the first look at their size left out. */
const largeFiles = () =>
  hub.requests.filter(
    ({ host, method, range }) => host === 'storage' && method === 'GET' && range !== 'bytes=0-0',
  );

describe("a cache shared with Python's huggingface_hub by HF_HOME", () => {
  beforeAll(() => {
    if (existsSync(PYTHON)) return;
    throw new Error(
      `There is no ${PYTHON}. Set ML4_REFERENCE_PYTHON to a Python with huggingface_hub.`,
    );
  });

  /** The folder that Python has the model in. */
  async function python(home: string, more = ''): Promise<string> {
    const program = `from huggingface_hub import snapshot_download; print(snapshot_download("${NAME}"${more}))`;
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', program], {
      env: {
        PATH: process.env.PATH,
        HF_HOME: home,
        HF_ENDPOINT: hub.url,
        HF_HUB_DISABLE_TELEMETRY: '1',
      },
    });
    return stdout.trim();
  }

  const ours = (home: string, env: Record<string, string> = {}) =>
    snapshot(
      { type: 'model', name: NAME, revision: 'main' },
      (paths) => paths,
      hubSettings('/nowhere', { HF_ENDPOINT: hub.url, HF_HOME: home, ...env }),
      {
        logger: createLogger({ style: 'text', write: () => {} }),
        progress: () => ({ update() {}, stop() {} }),
        signal: new AbortController().signal,
      },
    );

  it('has what we downloaded, for Python', async () => {
    const home = await mkdtemp(join(root, 'home-'));
    const { folder } = await ours(home);
    expect(await python(home, ', local_files_only=True')).toBe(folder);
    hub.requests.length = 0;
    expect(await python(home)).toBe(folder);
    expect(
      hub.requests.filter(({ method, path }) => method === 'GET' && /resolve/.test(path)),
    ).toEqual([]);
  });

  it('has what Python downloaded, for us', async () => {
    const home = await mkdtemp(join(root, 'home-'));
    const folder = await python(home);
    const offline = await ours(home, { HF_HUB_OFFLINE: '1' });
    expect(offline).toMatchObject({ folder, commit: commitOf(kcbert) });
    hub.requests.length = 0;
    expect(await ours(home)).toMatchObject({ folder });
    expect(hub.requests.filter(({ path }) => /resolve/.test(path))).toEqual([]);
  });
});

/** `ml4 fetch` of KcBERT, on a volume of this test file. */
async function fetchKcbert(pipeline: string, env: Record<string, string>) {
  server ??= startServer();
  const { uri, artifacts } = await server;
  return ml4(
    [
      ...['fetch', '--pipeline', pipeline],
      ...['--config', join(projectRoot, 'configs', 'config.yaml')],
      ...[
        'dataset.name=quickstart',
        'dataset.sampling_rate=0.05',
        'validation.unknown_tokens.error=',
        `tracking.uri=${uri}`,
        `tracking.volume=${artifacts}`,
      ].flatMap((value) => ['--set', value]),
    ],
    { env: { HF_ENDPOINT: hub.url, ...env } },
  );
}
let server: Promise<Server> | undefined;

describe('two processes that fetch the same model', () => {
  it('download it once, and both go on', async () => {
    const both = await Promise.all([fetchKcbert('one', {}), fetchKcbert('two', {})]);
    for (const { code, stderr } of both) expect(code, stderr).toBe(0);
    const results = both.map(({ stdout }) => JSON.parse(stdout.trim().split('\n').at(-1)!));
    expect(results[0].pretrained_sha256).toBe(results[1].pretrained_sha256);
    expect(largeFiles()).toHaveLength(1);
  });
});

describe('a mirror of the hub with a certificate of the company', () => {
  it('is trusted with NODE_EXTRA_CA_CERTS, and that is said where it is missing', async () => {
    const folder = await mkdtemp(join(root, 'certificates-'));
    const script = join(projectRoot, 'packages/mlflow-rest-ts/test/certificates.py');
    await mlflowPython(script, folder);
    const pem = await readFile(join(folder, 'server.pem'), 'utf8');
    const mirror = createServer({ key: pem, cert: pem }, (incoming, answer) => {
      const { method, headers, url } = incoming;
      const forward = request(`${hub.url}${url}`, { method: method ?? 'GET', headers }, (reply) => {
        answer.writeHead(reply.statusCode!, reply.headers);
        reply.pipe(answer);
      });
      incoming.pipe(forward);
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      mirror.close();
    });
    const HF_HOME = join(folder, 'home');
    const HF_ENDPOINT = `https://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
    const refused = await fetchKcbert('tls', { HF_ENDPOINT, HF_HOME });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('NODE_EXTRA_CA_CERTS');
    const NODE_EXTRA_CA_CERTS = join(folder, 'ca.pem');
    const trusted = await fetchKcbert('tls', { HF_ENDPOINT, HF_HOME, NODE_EXTRA_CA_CERTS });
    expect(trusted.code, trusted.stderr).toBe(0);
  });
});
