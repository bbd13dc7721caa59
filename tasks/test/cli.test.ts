import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { listVersions } from 'model-registry';
import { describe, expect, it, onTestFinished } from 'vitest';
import { atTerminal, bin, ml4, run } from './cli-support.js';
import {
  judgedModel,
  type TestPipeline,
  temporaryFolder,
  testPipeline,
} from './pipeline-support.js';

const TOKEN = 'T0TESTTEST/B0TESTTEST/abcdefghijklmnopqrstuvwx';

describe('ml4 --help', () => {
  it('shows every command, examples and exit codes', async () => {
    const { code, stdout } = await ml4(['--help']);
    expect(code).toBe(0);
    for (const word of ['run', 'fetch', 'predict', 'doctor', 'Examples:', 'Exit codes:']) {
      expect(stdout).toContain(word);
    }
  });

  it('loads neither TensorFlow nor the MLflow client', async () => {
    const listing = `
      import { createRequire } from 'node:module';
      const { cache } = createRequire('file:///');
      process.on('exit', () => console.error(Object.keys(cache).filter((m) => /tfjs|slack/.test(m)).length));
    `;
    const hook = `data:text/javascript,${encodeURIComponent(listing)}`;
    const { stderr } = await run(process.execPath, ['--import', hook, bin, '--help']);
    expect(stderr.trim()).toBe('0');
  });

  it('explains the options of a command', async () => {
    const { code, stdout } = await ml4(['register', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--stage <stage>');
    expect(stdout).toContain('--set <key=value>');
  });
});

describe('wrong usage is exit code 2', () => {
  it.each([
    ['an unknown command', ['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    ['an unknown option', ['train', '--epoch', '3'], /unknown option '--epoch'/],
    [
      'a stage that there is not',
      ['register', '--stage', 'Live'],
      /Allowed choices are None, Staging, Production/,
    ],
    [
      'a configuration that there is not',
      ['run', '--config', 'none.yaml'],
      /^ml4: none\.yaml: No such configuration file\.$/m,
    ],
    [
      'a mistyped key',
      ['run', '--set', 'train.epoch=3'],
      /^ml4: --set train\.epoch: There is no key train\.epoch\. Did you mean train\.epochs\?$/m,
    ],
    [
      'a pipeline id with a quote',
      ['run', '--pipeline', "it's"],
      /^ml4: --pipeline: A pipeline id has 1 to 250 characters and no quotes\.$/m,
    ],
    [
      'an address that is none',
      ['models', '--set', 'tracking.uri=http://'],
      /not an http\(s\) address/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await ml4(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('an MLflow that does not answer', () => {
  const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' };

  it('is exit code 1, with the address and what to do', async () => {
    const { code, stderr } = await ml4(['run'], { env });
    expect(stderr).toMatch(
      /^ml4: MLflow at http:\/\/127\.0\.0\.1:9 cannot be reached: .+\.\n.*npm start/m,
    );
    expect(code).toBe(1);
  });

  it.each([
    ['a page', 200],
    ['an error page', 501],
  ])('may be another program at its address: %s', async (_, status) => {
    const other = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html></html>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      other.close();
    });
    const uri = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await ml4(['run'], { env: { MLFLOW_TRACKING_URI: uri } });
    expect(stderr).toContain(
      `ml4: MLflow at ${uri} cannot be reached: what answers there is not MLflow.\n`,
    );
    expect(code).toBe(1);
  });

  it('shows where it failed with --debug', async () => {
    const { stderr } = await ml4(['run', '--debug'], { env });
    expect(stderr).toMatch(/^\s+at .*run\.js/m);
  });

  it('is what doctor finds missing', async () => {
    const { code, stdout } = await ml4(['doctor', '--json'], { env });
    const { healthy, findings } = JSON.parse(stdout);
    const states = Object.fromEntries(
      findings.map((one: { name: string; state: string }) => [one.name, one.state]),
    );
    expect(states).toMatchObject({
      Node: 'ok',
      TensorFlow: 'ok',
      MLflow: 'missing',
      Slack: 'note',
    });
    expect({ code, healthy }).toEqual({ code: 2, healthy: false });
  });
});

describe('a stage', () => {
  it('prints its result as the last line of stdout, and logs JSON lines to stderr', async () => {
    const pipeline = await testPipeline();
    const modelId = await judgedModel(pipeline.context, 0.85);
    const { code, stdout, stderr } = await ml4(
      await argsFor('register', pipeline, '--stage', 'Staging'),
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      model_id: modelId,
      model_version: '1',
      stage: 'Staging',
    });
    for (const line of stderr.trimEnd().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('is exit code 99 where the gate is not passed', async () => {
    const pipeline = await testPipeline();
    await judgedModel(pipeline.context, 0.5);
    const { code, stdout, stderr } = await ml4(await argsFor('register', pipeline));
    expect(stderr).toContain(
      'ml4: Accuracy 0.5000 is below the threshold 0.8000. Nothing is registered.',
    );
    expect({ code, stdout }).toEqual({ code: 99, stdout: '' });
  });

  it('belongs to the pipeline in ML4_PIPELINE_ID, or in Airflow’s run id', async () => {
    for (const variable of ['ML4_PIPELINE_ID', 'AIRFLOW_CTX_DAG_RUN_ID']) {
      const pipeline = await testPipeline();
      await judgedModel(pipeline.context, 0.85);
      const [, ...args] = (await argsFor('register', pipeline)).filter(
        (arg) => arg !== '--pipeline',
      );
      const withoutId = ['register', ...args.filter((arg) => arg !== pipeline.context.pipelineId)];
      const { code } = await ml4(withoutId, { env: { [variable]: pipeline.context.pipelineId } });
      expect(code).toBe(0);
    }
  });

  it('that fails leaves the run FAILED, says what to do, and is found again without an id', async () => {
    const pipeline = await testPipeline();
    const { mlflow, run } = pipeline.context;
    const args = (await argsFor('eval', pipeline)).filter(
      (arg) => arg !== '--pipeline' && arg !== pipeline.context.pipelineId,
    );
    const first = await ml4(args);
    expect(first.code).toBe(2);
    expect(first.stderr).toMatch(
      /^ml4: This pipeline has no fetch\/manifest\.json yet\.\nRun `ml4 fetch` first/m,
    );
    const second = await ml4(args);
    expect(second.stderr).toMatch(
      /Going on with pipeline nsmc-\d{8}-\d{6}-[0-9a-f]{4}, which was not finished/,
    );

    const { runs } = await mlflow.runs.search({ experimentIds: [run.experimentId] });
    const failed = runs.filter(({ info }) => info.runId !== run.runId);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      info: { status: 'FAILED' },
      data: { tags: { 'ml4.failed_stage': 'eval' } },
    });
  });

  it('never prints a token', async () => {
    const pipeline = await testPipeline();
    await judgedModel(pipeline.context, 0.85);
    const env = {
      SLACK_WEBHOOK_BASE: 'http://127.0.0.1:9/services',
      SLACK_WEBHOOK_TOKEN: TOKEN,
      ML4_DEBUG: '1',
    };
    const { code, stdout, stderr } = await ml4(await argsFor('notify', pipeline), { env });
    expect(stderr).toContain('Slack cannot be reached');
    expect(stdout + stderr).not.toContain('B0TESTTEST');
    expect(code).toBe(1);
    const { data } = await pipeline.context.mlflow.runs.get({ runId: pipeline.context.run.runId });
    expect(JSON.stringify(data)).not.toContain('B0TESTTEST');
  });
});

describe('at a terminal, ml4 register', () => {
  it('asks whether to register, and the stage by its number', async () => {
    const pipeline = await testPipeline();
    await judgedModel(pipeline.context, 0.85);
    const screen = await atTerminal(await argsFor('register', pipeline), [
      [/Register\s+the\s+model\s+as[^?]+\?/, 'y\r'],
      [/3\) Production/, '3\r'],
    ]);
    expect(screen).toMatch(/1\) None[\s\S]*2\) Staging[\s\S]*3\) Production/);
    const versions = await listVersions(
      pipeline.context.mlflow,
      pipeline.config.model.registered_name,
    );
    expect(versions).toMatchObject([{ version: '1', stage: 'Production' }]);
  });
});

/** The command line that runs a command on a test's pipeline: its configuration as a file. */
async function argsFor(
  command: string,
  pipeline: TestPipeline,
  ...more: string[]
): Promise<string[]> {
  const { config, context } = pipeline;
  const file = join(await temporaryFolder(), 'config.yaml');
  await writeFile(file, JSON.stringify(config)); // JSON is YAML
  return [command, '--config', file, ...more, '--pipeline', context.pipelineId];
}
