import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MlflowClient } from 'mlflow-rest-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../packages/mlflow-rest-ts/test/server.js';
import { TOPICS } from '../fetch/topics/topics.js';
import { projectRoot } from '../pipeline/project.js';
import { pathBehind } from '../pipeline/volume.js';
import { type Finished, ml4 } from './cli-support.js';

/** A Python with mlflow, torch and transformers. */
const PYTHON =
  process.env.ML4_REFERENCE_PYTHON ?? join(import.meta.dirname, '../../.ml4/reference/bin/python');

/** Headlines of our own, one of each topic, that the generator did not write. */
const HEADLINES = {
  정치: '여당, 예산안 본회의 통과에 총력',
  경제: '기준금리 동결에 환율 하락',
  사회: '폭우로 지하철역 침수 피해 급증',
  문화: '독립영화 한 편이 관객 돌파 기록',
  국제: '정상회담 앞두고 국경 긴장 고조',
  스포츠: '결승골로 월드컵 예선 승리',
  과학기술: '누리호 발사 성공, 관측 위성 궤도 진입',
};

describe('configs/topics.yaml, seven classes from data to Python', () => {
  let server: Server;
  let set: string[];
  let finished: Finished;
  let outcome: { run_id: string; accuracy: number; model_version: string; registered_name: string };

  beforeAll(async () => {
    if (!existsSync(PYTHON)) {
      throw new Error(
        `There is no ${PYTHON}. Set ML4_REFERENCE_PYTHON to a Python with mlflow, torch and transformers.`,
      );
    }
    server = await startServer();
    set = [
      `tracking.uri=${server.uri}`,
      `tracking.volume=${server.artifacts}`,
      `register.mirror=${join(server.artifacts, 'model_registry.json')}`,
      'train.precision=fp32',
    ].flatMap((value) => ['--set', value]);
    finished = await ml4([
      ...['run', '--yes', '--config', join(projectRoot, 'configs', 'topics.yaml')],
      ...set,
    ]);
    expect(finished.code, finished.stderr).toBe(0);
    outcome = JSON.parse(finished.stdout.trim().split('\n').at(-1)!);
  });

  const artifact = async (path: string) => {
    const mlflow = new MlflowClient({ trackingUri: server.uri });
    const { info } = await mlflow.runs.get({ runId: outcome.run_id });
    return readFile(join(pathBehind(info.artifactUri, server.artifacts)!, path), 'utf8');
  };

  it('passes the gate', () => {
    expect(outcome).toMatchObject({ registered_name: 'news-topics', model_version: '1' });
    expect(outcome.accuracy).toBeGreaterThan(0.8);
  });

  it('records the seven labels and how many texts each has', async () => {
    const { dataset } = JSON.parse(await artifact('fetch/manifest.json'));
    expect(dataset.labels).toEqual([...TOPICS]);
    const { profile } = JSON.parse(await artifact('fetch/validation.json'));
    for (const topic of TOPICS) {
      expect(profile.labels[topic] / profile.texts).toBeCloseTo(1 / TOPICS.length, 1);
    }
  });

  it('plots all seven', async () => {
    for (const plot of ['fetch/labels.svg', 'plots/confusion-matrix.svg']) {
      const svg = await artifact(plot);
      for (const topic of TOPICS) expect(svg).toContain(topic);
    }
  });

  it('predicts headlines that the generator did not write, and so does Python', async () => {
    const texts = Object.values(HEADLINES);
    const { stdout } = await ml4([
      ...['predict', '--json', '--config', join(projectRoot, 'configs', 'topics.yaml')],
      ...set,
      ...texts,
    ]);
    const predictions: { label: string; score: number }[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(predictions.map(({ label }) => label)).toEqual(Object.keys(HEADLINES));

    const out = join(await mkdtemp(join(tmpdir(), 'ml4-topics-')), 'answers.json');
    await promisify(execFile)(
      PYTHON,
      [
        join(import.meta.dirname, 'fixtures/read-model.py'),
        ...[server.uri, 'models:/news-topics/1', '48', out, ...texts],
      ],
      { env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', HF_HUB_OFFLINE: '1' } },
    );
    const { pyfunc, folder } = JSON.parse(await readFile(out, 'utf8'));
    for (const [row, { label, score }] of predictions.entries()) {
      expect(pyfunc[row].label).toBe(label);
      expect(pyfunc[row].score).toBeCloseTo(score, 4);
      expect(folder[row]).toHaveLength(TOPICS.length);
    }
  });
});
