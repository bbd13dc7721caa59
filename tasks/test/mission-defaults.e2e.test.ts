import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { MlflowClient } from 'mlflow-rest-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../packages/mlflow-rest-ts/test/server.js';
import { projectRoot } from '../pipeline/project.js';
import { pathBehind } from '../pipeline/volume.js';
import { type Finished, ml4 } from './cli-support.js';
import { commitOf, deadAddress, type HubRepository, HubServer } from './hub-server.js';

const FIXTURE = join(import.meta.dirname, 'fixtures/fetch-kcbert');
const WORDS = {
  positive: ['재미있다', '최고', '좋음', '정말 재미있다'],
  negative: ['지루하다', '별로', '정말 지루하다'],
};

const SUBJECTS = ['이 영화는', '연기가', '이 연기는'];

/** Sentences of our own, in words that the small model's vocabulary has; the row's digits say which. */
function review(row: number): { document: string; label: number } {
  const label = row % 2;
  const words = label === 1 ? WORDS.positive : WORDS.negative;
  const parts: string[] = [];
  for (let left = row; parts.length < 5; left = Math.floor(left / SUBJECTS.length / words.length)) {
    const word = words[Math.floor(left / SUBJECTS.length) % words.length];
    parts.push(`${SUBJECTS[left % SUBJECTS.length]} ${word}`);
  }
  return { document: parts.join(' '), label };
}

/** A parquet file as the hub's converter writes NSMC's. */
function parquet(rows: number, from: number): Buffer {
  const reviews = Array.from({ length: rows }, (_, row) => review(from + row));
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: reviews.map((_, row) => String(from + row)), type: 'STRING' },
        { name: 'document', data: reviews.map(({ document }) => document), type: 'STRING' },
        { name: 'label', data: reviews.map(({ label }) => BigInt(label)), type: 'INT64' },
      ],
    }),
  );
}

const NSMC: HubRepository = {
  type: 'dataset',
  name: 'e9t/nsmc',
  revision: 'refs/convert/parquet',
  files: {
    'default/test/0000.parquet': parquet(400, 10_000),
    'default/train/0000.parquet': parquet(3000, 0),
  },
};

/** What `ml4 run` prints last. */
interface Outcome {
  pipeline_id: string;
  run_id: string;
  model_id: string;
  model_version: string;
}

describe("the five stages with the mission's defaults, nsmc and KcBERT, from a hub", () => {
  let hub: HubServer;
  let server: Server;
  let kcbert: HubRepository;
  let first: Finished;

  beforeAll(async () => {
    hub = await HubServer.start();
    server = await startServer();
    const names = await readdir(FIXTURE);
    const contents = await Promise.all(names.map((name) => readFile(join(FIXTURE, name))));
    const files = Object.fromEntries(names.map((name, index) => [name, contents[index]!]));
    kcbert = { type: 'model', name: 'beomi/kcbert-base', files };
    hub.add({ type: 'dataset', name: 'e9t/nsmc', files: { 'nsmc.py': Buffer.from('# script') } });
    hub.add(NSMC);
    hub.add(kcbert);
    first = await run();
  });
  afterAll(() => hub.close());

  /** configs/config.yaml as it is; of its keys only where things are kept, and the gate. */
  const run = (env: Record<string, string> = {}) =>
    ml4(
      [
        ...['run', '--yes', '--fresh', '--config', join(projectRoot, 'configs', 'config.yaml')],
        ...[
          'dataset.name=nsmc',
          'model.name=KcBERT',
          'model.register_threshold=0',
          `tracking.uri=${server.uri}`,
          `tracking.volume=${server.artifacts}`,
          `register.mirror=${join(server.artifacts, 'model_registry.json')}`,
        ].flatMap((value) => ['--set', value]),
      ],
      { env: { HF_ENDPOINT: hub.url, ...env } },
    );
  const outcomeOf = ({ stdout }: Finished): Outcome =>
    JSON.parse(stdout.trim().split('\n').at(-1)!);
  const artifact = async (run_id: string, path: string) => {
    const mlflow = new MlflowClient({ trackingUri: server.uri });
    const { info } = await mlflow.runs.get({ runId: run_id });
    return readFile(join(pathBehind(info.artifactUri, server.artifacts)!, path), 'utf8');
  };

  it('end with a registered model', () => {
    expect(first.code, first.stderr).toBe(0);
    expect(outcomeOf(first).model_version).toBe('1');
  });

  it('have fetched the converted parquet files and pytorch_model.bin, each at its commit', async () => {
    const { run_id } = outcomeOf(first);
    const { dataset, pretrained } = JSON.parse(await artifact(run_id, 'fetch/manifest.json'));
    expect(dataset).toMatchObject({ name: 'nsmc', revision: commitOf(NSMC) });
    expect(pretrained).toMatchObject({
      name: 'KcBERT',
      revision: commitOf(kcbert),
      weights: 'pytorch_model.bin',
    });
  });

  it('leave a report of the data, and figures of the model', async () => {
    const { run_id } = outcomeOf(first);
    const report = JSON.parse(await artifact(run_id, 'fetch/validation.json'));
    expect(report.source.train).toMatchObject({ rows: 3000, labels: { 0: 1500, 1: 1500 } });
    for (const path of ['fetch/validation.md', 'fetch/lengths.svg', 'plots/confusion-matrix.svg']) {
      expect((await artifact(run_id, path)).length).toBeGreaterThan(100);
    }
    const { rows } = JSON.parse(await artifact(run_id, 'eval/metrics.json'));
    expect(rows).toBe(400);
  });

  it('download and tokenize nothing the second time', async () => {
    hub.requests.length = 0;
    const second = await run();
    expect(second.code, second.stderr).toBe(0);
    expect(outcomeOf(second).model_version).toBe('2');
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    expect(first.stderr).toContain('Tokenized');
    expect(second.stderr).not.toContain('Tokenized');
  });

  it('need no hub at all any more with HF_HUB_OFFLINE', async () => {
    const offline = await run({ HF_ENDPOINT: await deadAddress(), HF_HUB_OFFLINE: '1' });
    expect(offline.code, offline.stderr).toBe(0);
  });
});
