import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { HubUnreachable } from '../fetch/hub/errors.js';
import { type HubSettings, hubSettings } from '../fetch/hub/settings.js';
import { type Snapshot, snapshot } from '../fetch/hub/snapshot.js';
import { InputError } from '../pipeline/errors.js';
import { createLogger } from '../pipeline/logging.js';
import {
  commitOf,
  deadAddress,
  GRANTED,
  type HubRepository,
  HubServer,
  UNKNOWN_ACCOUNT,
} from './hub-server.js';

const hub = await HubServer.start();
const root = await mkdtemp(join(tmpdir(), 'ml4-hub-'));
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

/** Large enough for LFS, and no two bytes in a row alike. */
const WEIGHTS = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7) % 251));
const MODEL: HubRepository = {
  type: 'model',
  name: 'someone/bert',
  files: {
    'config.json': Buffer.from('{"model_type": "bert"}'),
    'vocab.txt': Buffer.from('[PAD]\n[UNK]\n'),
    'model.safetensors': WEIGHTS,
    'README.md': Buffer.from('not selected'),
  },
};
const REPOSITORY = { type: 'model' as const, name: MODEL.name, revision: 'main' };
const select = (paths: string[]) => paths.filter((path) => path !== 'README.md');

afterEach(() => vi.unstubAllEnvs());

let cache: string;
let lines: string[];
beforeEach(async () => {
  hub.reset();
  hub.add(MODEL);
  cache = await mkdtemp(join(root, 'cache-'));
  lines = [];
});

function fetchIt(
  settings: Partial<HubSettings> = {},
  repository: { type: 'model' | 'dataset'; name: string; revision: string } = REPOSITORY,
  signal = new AbortController().signal,
): Promise<Snapshot> {
  return snapshot(
    repository,
    select,
    {
      endpoint: hub.url,
      token: undefined,
      offline: false,
      cache,
      timeoutMs: 5000,
      backoffMs: 1,
      ...settings,
    },
    {
      logger: createLogger({ style: 'text', write: (line) => lines.push(line) }),
      progress: () => ({ update() {}, stop() {} }),
      signal,
    },
  );
}

async function failure(result: Promise<unknown>): Promise<InputError | HubUnreachable> {
  const error: unknown = await result.then(
    () => new Error('It did not fail.'),
    (reason) => reason,
  );
  if (error instanceof InputError || error instanceof HubUnreachable) return error;
  throw error;
}

const weightRequests = () =>
  hub.requests.filter(({ host, range }) => host === 'storage' && range !== 'bytes=0-0');

describe('a snapshot', () => {
  it('holds the selected files at a commit, checked', async () => {
    const { folder, commit, files } = await fetchIt();
    expect(commit).toBe(commitOf(MODEL));
    expect(files.sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt']);
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
    expect(await readFile(join(folder, 'vocab.txt'), 'utf8')).toBe('[PAD]\n[UNK]\n');
  });

  it("has the layout of Python's cache, so that both libraries find it", async () => {
    await fetchIt();
    const storage = join(cache, 'models--someone--bert');
    const commit = commitOf(MODEL);
    expect(await readFile(join(storage, 'refs/main'), 'utf8')).toBe(commit);
    const link = await readlink(join(storage, 'snapshots', commit, 'model.safetensors'));
    expect(link).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect((await readdir(join(storage, 'blobs'))).length).toBe(3);
  });

  it('downloads no file twice', async () => {
    await fetchIt();
    hub.requests.length = 0;
    await fetchIt();
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  it('does not pass the token on to the host of the large files', async () => {
    await fetchIt({ token: GRANTED });
    const sent = (host: string) =>
      new Set(hub.requests.filter((each) => each.host === host).map((each) => each.authorization));
    expect(sent('hub')).toEqual(new Set([`Bearer ${GRANTED}`]));
    expect(sent('storage')).toEqual(new Set([undefined]));
  });

  it('reads a ref that has slashes, such as that of converted data sets', async () => {
    const name = 'someone/reviews';
    const files = { 'default/train/0000.parquet': Buffer.alloc(20_000, 1) };
    hub.add({ type: 'dataset', name, files, revision: 'refs/convert/parquet' });
    const found = await fetchIt({}, { type: 'dataset', name, revision: 'refs/convert/parquet' });
    expect(found.files).toEqual(['default/train/0000.parquet']);
    expect(existsSync(join(found.folder, 'default/train/0000.parquet'))).toBe(true);
  });

  it('leaves out names that lead out of the cache', async () => {
    const name = 'someone/evil';
    hub.add({
      type: 'model',
      name,
      files: { '../../../escaped.txt': Buffer.from('x'), 'a.txt': Buffer.from('y') },
    });
    const found = await fetchIt({}, { ...REPOSITORY, name });
    expect(found.files).toEqual(['a.txt']);
  });
});

describe('a broken connection', () => {
  it('is taken up where it broke', async () => {
    hub.fail(/storage/, { cutAfter: 0 });
    hub.fail(/storage/, { cutAfter: 30_000 });
    const { folder } = await fetchIt();
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
    const ranges = weightRequests().map(({ range }) => range);
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-49999$/);
  });

  it('is taken up by a later process', async () => {
    hub.fail(/storage/, { cutAfter: 1 });
    hub.fail(/storage/, { cutAfter: 20_000 });
    hub.fail(/storage/, { cutAfter: 0 }, 100);
    expect((await failure(fetchIt())).message).toContain('the connection breaks at byte');
    const blobs = join(cache, 'models--someone--bert/blobs');
    const [incomplete] = (await readdir(blobs)).filter((name) => name.endsWith('.incomplete'));
    const size = (await readFile(join(blobs, incomplete!))).length;
    expect(size).toBeGreaterThan(0);

    hub.reset();
    hub.add(MODEL);
    const { folder } = await fetchIt();
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
    expect(weightRequests().map(({ range }) => range)).toEqual([`bytes=${size}-49999`]);
  });

  it('starts anew where the server sends the whole file again', async () => {
    const blobs = join(cache, 'models--someone--bert/blobs');
    await fetchIt();
    const [sha] = (await readdir(blobs)).filter((name) => name.length === 64);
    await rm(join(blobs, sha!));
    await writeFile(join(blobs, `${sha}.incomplete`), WEIGHTS.subarray(0, 1000));
    hub.fail(/storage/, { cutAfter: 1 });
    hub.fail(/storage/, 'ignores range');
    const { folder } = await fetchIt();
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
  });
});

describe('a damaged file', () => {
  it('is downloaded again', async () => {
    hub.fail(/storage/, 'wrong bytes', 2);
    const { folder } = await fetchIt();
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
  });

  it('is never used, also when it stays damaged', async () => {
    hub.fail(/storage/, 'wrong bytes', 100);
    const error = await failure(fetchIt());
    expect(error).toBeInstanceOf(HubUnreachable);
    expect(error.message).toContain('model.safetensors of the model someone/bert arrived 2 times');
    expect(existsSync(join(cache, 'models--someone--bert/refs/main'))).toBe(false);
    const blobs = await readdir(join(cache, 'models--someone--bert/blobs'));
    expect(blobs.filter((name) => name.length >= 64)).toEqual([]);
  });

  it('is noticed also where it is small and has only a git object id', async () => {
    hub.fail(/resolve.*vocab.txt/, 'wrong bytes', 100);
    expect((await failure(fetchIt())).message).toContain('vocab.txt');
  });
});

describe('a busy hub', () => {
  it('is asked again, after as long as it says', async () => {
    hub.fail(/revision/, { status: 429, headers: { 'Retry-After': '0' } });
    hub.fail(/tree/, { status: 503 }, 2);
    hub.fail(/resolve/, { status: 502 });
    await expect(fetchIt()).resolves.toMatchObject({ commit: commitOf(MODEL) });
  });

  it('is given up at last, with what else can be done', async () => {
    hub.fail(/revision/, { status: 429 }, 100);
    const error = await failure(fetchIt());
    expect(error.exitCode).toBe(1);
    expect(error.message).toContain('429');
    expect(error.message).toContain('HF_ENDPOINT');
    expect(error.message).toContain('--set model.path=');
    expect(hub.requests.length).toBe(5);
  });
});

describe('a hub that cannot be reached', () => {
  it('is reported with what to do', async () => {
    const endpoint = await deadAddress();
    const error = await failure(fetchIt({ endpoint }));
    expect(error).toBeInstanceOf(HubUnreachable);
    expect(error.message).toContain(`${endpoint} cannot be reached for the model someone/bert`);
    expect(error.message).toMatch(/HF_ENDPOINT.*HTTPS_PROXY.*model\.path/s);
  });

  it('is not missed where the files were downloaded before', async () => {
    const before = await fetchIt();
    await expect(fetchIt({ endpoint: await deadAddress() })).resolves.toMatchObject({
      commit: before.commit,
    });
    expect(lines.join('\n')).toContain('going on with the model someone/bert as downloaded before');
  });

  it('is told from a page of the network that asks to log in', async () => {
    hub.fail(/revision/, 'html', 100);
    expect((await failure(fetchIt())).message).toContain(
      'what answers there is not a Hugging Face hub',
    );
  });
});

describe('HF_HUB_OFFLINE', () => {
  it('takes what is in the cache, without a request', async () => {
    const before = await fetchIt();
    hub.requests.length = 0;
    const found = await fetchIt({ offline: true });
    expect(found.folder).toBe(before.folder);
    expect(hub.requests).toEqual([]);
  });

  it("takes what Python's library has downloaded", async () => {
    const commit = 'a'.repeat(40);
    const storage = join(cache, 'models--someone--bert');
    await mkdir(join(storage, 'refs'), { recursive: true });
    await mkdir(join(storage, 'snapshots', commit), { recursive: true });
    await writeFile(join(storage, 'refs/main'), commit);
    await writeFile(join(storage, 'snapshots', commit, 'config.json'), '{}');
    await expect(fetchIt({ offline: true })).resolves.toMatchObject({
      commit,
      files: ['config.json'],
    });
  });

  it('says what is missing', async () => {
    const error = await failure(fetchIt({ offline: true }));
    expect(error.message).toContain('not in the cache, and HF_HUB_OFFLINE is set');
  });
});

describe('a refusal', () => {
  const gated = { ...MODEL, name: 'someone/gated', access: 'gated' as const };
  const at = (name: string, revision = 'main') => ({ ...REPOSITORY, name, revision });
  beforeEach(() => hub.add(gated));

  it('of a gated model says how to get access', async () => {
    const error = (await failure(fetchIt({}, at(gated.name)))) as InputError;
    expect(error.message).toContain('gated');
    expect(error.fix).toContain(`${hub.url}/someone/gated`);
    expect(error.fix).toContain('HF_TOKEN');
    expect(error.exitCode).toBe(2);
  });

  it('of a gated model for an account without access says so', async () => {
    const error = await failure(fetchIt({ token: UNKNOWN_ACCOUNT }, at(gated.name)));
    expect(error.message).toContain('the account of HF_TOKEN has no access to it yet');
  });

  it('ends with access', async () => {
    await expect(fetchIt({ token: GRANTED }, at(gated.name))).resolves.toBeDefined();
  });

  it('of an unknown or private model says both', async () => {
    const error = (await failure(fetchIt({}, at('someone/brt')))) as InputError;
    expect(error.message).toBe('The hub has no model someone/brt, or it is private.');
    expect(error.fix).toContain('model.name');
    const known = await failure(fetchIt({ token: GRANTED }, at('someone/brt')));
    expect(known.message).toBe('The hub has no model someone/brt.');
  });

  it('of an unknown revision names it', async () => {
    const error = await failure(fetchIt({}, at(MODEL.name, 'v9')));
    expect(error.message).toContain('no revision "v9"');
  });

  it('of a file that has gone since it was listed names the repository and its page', async () => {
    hub.fail(/resolve.*vocab/, { status: 404, headers: { 'X-Error-Code': 'EntryNotFound' } });
    const error = (await failure(fetchIt())) as InputError;
    expect(error.message).toBe('A file of the model someone/bert is gone at revision main.');
    expect(error.fix).toContain(`${hub.url}/someone/bert/tree/main`);
  });

  it('of a token that the hub does not know says so, and where to make another', async () => {
    hub.fail(/revision/, { status: 401 });
    const error = (await failure(fetchIt({ token: 'hf_expired' }))) as InputError;
    expect(error.message).toBe('The hub does not accept HF_TOKEN.');
    expect(error.fix).toContain('/settings/tokens');
    expect(`${error.message}${error.fix}`).not.toContain('hf_expired');
  });

  it('of a token without the right to read says so', async () => {
    hub.fail(/revision/, { status: 403 });
    const error = (await failure(fetchIt({ token: GRANTED }))) as InputError;
    expect(error.message).toBe('The hub denies access to the model someone/bert.');
    expect(error.fix).toContain('HF_TOKEN');
  });

  it('is not repeated', async () => {
    await failure(fetchIt({}, at('someone/brt')));
    expect(hub.requests.length).toBe(1);
  });
});

describe('several downloads of the same file', () => {
  it('do not collide: one downloads, the others wait', async () => {
    const found = await Promise.all([fetchIt(), fetchIt(), fetchIt(), fetchIt()]);
    for (const { folder } of found) {
      expect(await readFile(join(folder, 'model.safetensors'))).toEqual(WEIGHTS);
    }
    expect(weightRequests().length).toBe(1);
  });
});

describe('a proxy', () => {
  it('is used where the environment names one, and not for the hosts of NO_PROXY', async () => {
    const proxy = await startProxy();
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', 'localhost');
    await fetchIt();
    expect(new Set(proxy.targets)).toEqual(new Set([new URL(hub.url).host]));
  });

  it('that is out of order is named as a way to set right', async () => {
    vi.stubEnv('http_proxy', await deadAddress());
    expect((await failure(fetchIt())).message).toContain('HTTPS_PROXY');
  });
});

describe('a process that is killed', () => {
  it('leaves no lock that holds up the next one for long', async () => {
    const { folder } = await fetchIt();
    const blob = await realpath(join(folder, 'vocab.txt'));
    await rm(blob);
    await writeFile(`${blob}.lock`, '');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${blob}.lock`, longAgo, longAgo);
    await fetchIt();
    expect(await readFile(blob, 'utf8')).toBe('[PAD]\n[UNK]\n');
  });
});

describe('an interruption', () => {
  it('stops the download at once and keeps what has come', async () => {
    const stop = new AbortController();
    hub.fail(/storage/, { cutAfter: 1 });
    hub.fail(/storage/, { status: 503, headers: { 'Retry-After': '3600' } }, 100);
    const result = fetchIt({}, REPOSITORY, stop.signal);
    while (hub.requests.every(({ status }) => status !== 503)) await new Promise(setImmediate);
    stop.abort(new Error('stopped'));
    await expect(result).rejects.toThrow('stopped');
  });
});

describe('the settings', () => {
  it("are those of Python's library", () => {
    expect(hubSettings('/volume', {})).toMatchObject({
      endpoint: 'https://huggingface.co',
      offline: false,
      cache: '/volume',
    });
    expect(
      hubSettings('/volume', {
        HF_ENDPOINT: 'https://mirror.example/',
        HF_TOKEN: 'hf_abc',
        HF_HUB_OFFLINE: '1',
        HF_HOME: '/home/hf',
        HF_HUB_DOWNLOAD_TIMEOUT: '5',
      }),
    ).toMatchObject({
      endpoint: 'https://mirror.example',
      token: 'hf_abc',
      offline: true,
      cache: '/home/hf/hub',
      timeoutMs: 5000,
    });
  });

  describe('have the token of `hf auth login`', () => {
    const login = async (token = `${GRANTED}\n`) => {
      const home = await mkdtemp(join(root, 'home-'));
      await writeFile(join(home, 'token'), token);
      return home;
    };

    it('which opens a gated repository', async () => {
      hub.add({ ...MODEL, name: 'someone/gated', access: 'gated' });
      const { token } = hubSettings(cache, { HF_HOME: await login() });
      await expect(
        fetchIt({ token }, { ...REPOSITORY, name: 'someone/gated' }),
      ).resolves.toBeDefined();
    });

    it('in HF_TOKEN_PATH, HF_HOME or the home folder', async () => {
      const home = await login();
      const path = join(home, 'token');
      const tokenOf = (env: Record<string, string>) => hubSettings('/volume', env).token;
      expect(tokenOf({ HF_TOKEN_PATH: path, HF_HOME: '/none' })).toBe(GRANTED);
      await mkdir(join(home, 'huggingface'));
      await writeFile(join(home, 'huggingface', 'token'), GRANTED);
      expect(tokenOf({ XDG_CACHE_HOME: home })).toBe(GRANTED);
      expect(tokenOf({ HF_HOME: join(home, 'huggingface'), HF_TOKEN_PATH: '/none' })).toBe(
        undefined,
      );
    });

    it('unless the environment has another one, or forbids it', async () => {
      const HF_HOME = await login();
      expect(hubSettings('/volume', { HF_HOME, HF_TOKEN: 'hf_other' }).token).toBe('hf_other');
      expect(hubSettings('/volume', { HF_HOME, HUGGING_FACE_HUB_TOKEN: 'hf_old' }).token).toBe(
        'hf_old',
      );
      const env = { HF_HOME, HF_TOKEN: 'hf_other', HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' };
      expect(hubSettings('/volume', env).token).toBeUndefined();
    });

    it('and name its file, never it, where the hub does not accept it', async () => {
      const HF_HOME = await login('hf_expired');
      hub.fail(/revision/, { status: 401 });
      const error = (await failure(
        fetchIt(hubSettings(cache, { HF_HOME, HF_ENDPOINT: hub.url })),
      )) as InputError;
      expect(error.message).toBe(`The hub does not accept the token in ${HF_HOME}/token.`);
      expect(`${error.message}${error.fix}`).not.toContain('hf_expired');
      await writeFile(join(HF_HOME, 'token'), 'secret');
      expect(() => hubSettings(cache, { HF_HOME })).toThrow(/^(?!.*secret)the token in .*hf_/);
    });
  });

  it('are refused where they cannot be right, without showing the token', () => {
    expect(() => hubSettings('/volume', { HF_ENDPOINT: 'mirror' })).toThrow('HF_ENDPOINT');
    expect(() => hubSettings('/volume', { HF_TOKEN: 'secret' })).toThrow(/^(?!.*secret).*HF_TOKEN/);
  });
});

/** A proxy that tunnels (CONNECT), and the hosts that it was asked for. */
async function startProxy(): Promise<{ url: string; targets: string[] }> {
  const targets: string[] = [];
  const proxy = createServer().on('connect', (request, client: Socket) => {
    targets.push(request.url!);
    const target = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, targets };
}
