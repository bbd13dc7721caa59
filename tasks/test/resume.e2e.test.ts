import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../packages/mlflow-rest-ts/test/server.js';
import { sha256File } from '../pipeline/manifest.js';
import { projectRoot } from '../pipeline/project.js';
import { pathBehind } from '../pipeline/volume.js';
import { type Finished, ml4, type RunOptions } from './cli-support.js';

const EXPERIMENT = 'resume';
const MODEL = 'resume-sentiment';

/** What `ml4 run` prints last. */
interface Outcome {
  pipeline_id: string;
  run_id: string;
  model_id: string;
}

describe('ml4 run, stopped in the middle of training and started again', () => {
  let server: Server;
  let mlflow: MlflowClient;
  let mirror: string;
  let uninterrupted: string;

  beforeAll(async () => {
    server = await startServer();
    mlflow = new MlflowClient({ trackingUri: server.uri });
    mirror = join(server.artifacts, 'model_registry.json');
    const finished = await run();
    expect(finished.code, finished.stderr).toBe(0);
    uninterrupted = await weightsOf(outcomeOf(finished));
  }, 300_000);

  /** The same command each time: a model of seconds, judged five times on the way. */
  const run = (options: RunOptions = {}) =>
    ml4(
      [
        ...['run', '--yes', '--config', join(projectRoot, 'configs', 'quickstart.yaml')],
        ...[
          `tracking.uri=${server.uri}`,
          `tracking.volume=${server.artifacts}`,
          `tracking.experiment=${EXPERIMENT}`,
          `model.registered_name=${MODEL}`,
          `register.mirror=${mirror}`,
          'dataset.sampling_rate=0.4',
          'model.register_threshold=0.1',
          'train.epochs=1',
          'train.evaluations_per_epoch=5',
        ].flatMap((value) => ['--set', value]),
      ],
      options,
    );

  /** Runs it and sends the signal at the third evaluation; the second has left a checkpoint. */
  async function stopWith(signal: NodeJS.Signals) {
    let signaled = 0;
    const finished = await run({
      onStderr(stderr, child) {
        if (signaled || evaluationsIn(stderr) < 3) return;
        signaled = performance.now();
        child.kill(signal);
      },
    });
    return { ...finished, seconds: (performance.now() - signaled) / 1000 };
  }

  /** SHA-256 of the weights that a pipeline has left on the server. */
  async function weightsOf({ model_id }: Outcome): Promise<string> {
    const { artifactUri } = await mlflow.loggedModels.get({ modelId: model_id });
    const folder = pathBehind(artifactUri, server.artifacts)!;
    return sha256File(join(folder, 'model', 'model.safetensors'));
  }

  async function expectOneRunAndVersion({ pipeline_id, run_id }: Outcome): Promise<void> {
    const experiment = await mlflow.ensureExperiment(EXPERIMENT);
    const { runs } = await mlflow.runs.search({ experimentIds: [experiment.experimentId] });
    const own = runs.filter(({ data }) => data.tags['ml4.pipeline_id'] === pipeline_id);
    expect(own).toMatchObject([{ info: { runId: run_id, status: 'FINISHED' } }]);
    const { modelVersions } = await mlflow.modelVersions.search({ filter: `name='${MODEL}'` });
    expect(modelVersions.filter(({ runId }) => runId === run_id)).toHaveLength(1);
  }

  async function runsInState(status: string): Promise<string[]> {
    const experiment = await mlflow.ensureExperiment(EXPERIMENT);
    const { runs } = await mlflow.runs.search({ experimentIds: [experiment.experimentId] });
    return runs.filter(({ info }) => info.status === status).map(({ info }) => info.runId);
  }

  it('ends with the same weights after kill -9, in one MLflow run with one model version', async () => {
    const killed = await stopWith('SIGKILL');
    expect(killed.signal).toBe('SIGKILL');
    const [runId] = await runsInState('RUNNING');
    const left = await readdir(join(server.artifacts, 'work', runId!, 'train'));
    expect(left).toContainEqual(expect.stringMatching(/^checkpoint-\d+$/));

    const resumed = await run();
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Going on with pipeline quickstart-\S+, which was not finished/);
    expect(resumed.stderr).toMatch(/Going on from the checkpoint of step \d+/);
    expect(evaluationsIn(resumed.stderr)).toBeLessThan(5);
    const outcome = outcomeOf(resumed);
    expect(outcome.run_id).toBe(runId);
    expect(await weightsOf(outcome)).toBe(uninterrupted);
    await expectOneRunAndVersion(outcome);
  }, 120_000);

  it('saves its work within 10 seconds of SIGTERM, marks the run KILLED, and goes on', async () => {
    const { code, seconds, stderr } = await stopWith('SIGTERM');
    expect(stderr).toContain('ml4: Stopped by SIGTERM. The same command goes on from here.');
    expect(code).toBe(143);
    expect(seconds).toBeLessThan(10);
    const killed = await runsInState('KILLED');
    expect(killed).toHaveLength(1);

    const resumed = await run();
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Going on from the checkpoint of step \d+/);
    const outcome = outcomeOf(resumed);
    expect([outcome.run_id]).toEqual(killed);
    expect(await weightsOf(outcome)).toBe(uninterrupted);
    await expectOneRunAndVersion(outcome);
  }, 120_000);
});

const evaluationsIn = (stderr: string) => stderr.match(/Step \d+: train loss/g)?.length ?? 0;

const outcomeOf = ({ stdout }: Finished) =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Outcome;
