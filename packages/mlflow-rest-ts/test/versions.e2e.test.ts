import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../setup/command.js';
import { installPythonEnvironment } from '../../../setup/folder.js';
import { checkMachine } from '../../../setup/parts/machine.js';
import { installUv, removeUvCache } from '../../../setup/parts/uv.js';
import { installed, root } from '../../../setup/project.js';

const run = promisify(execFile);

/** The tests that each version skips, by the beginning of their names, and why. */
const VERSIONS: [version: string, skipped: Record<string, string>][] = [
  ['3.17.2', {}],
  [
    '2.0.1',
    {
      'what is made under a key is made once by callers at once: a logged model': 'since 3.0',
      'the model registry links run, logged model and version': 'logged models: since 3.0',
      'the model registry finds logged models': 'since 3.0',
      'the model registry keeps names, tags, aliases and stages': 'aliases: since 2.3',
      'a promoted version': 'aliases: since 2.3',
      'runs know the data sets': 'since 2.4',
      'experiments lose tags, and know the data sets': 'since 2.4',
      'runs have their metrics thinned out': 'since 2.10',
      'the model registry has no presigned addresses': 'since 3.0',
      'files through the server are deleted': '2.0 deletes folders alone',
      'files in the mounted folder are deleted': '2.0 deletes folders alone',
      'no call is lost or doubled': 'it works with logged models',
      "MLflow's Python client": 'the script works with logged models',
      'against the installed MLflow': 'the README tells of the newest',
      TLS: 'certificates are made with a package of the newest; no MLflow is called',
    },
  ],
];

/** The executable of a version: the one that is set up, or one that uv installs beside it. */
async function mlflowOf(version: string, signal: AbortSignal): Promise<string> {
  const own = join(installed, 'mlflow');
  const locked = await readFile(join(root, 'setup/mlflow.requirements.txt'), 'utf8');
  if (locked.includes(`\nmlflow==${version} `)) return join(own, 'bin/mlflow');

  const requirements = join(import.meta.dirname, `mlflow-${version}.requirements.txt`);
  const folder = join(installed, `mlflow-${version}`);
  const uv = await installUv({ machine: checkMachine(), signal, done: () => undefined });
  const env = { ...uv.env, UV_PYTHON_DOWNLOADS: 'automatic' };
  await installPythonEnvironment(folder, await readFile(requirements, 'utf8'), async (made) => {
    const venv = ['venv', '--relocatable', '--allow-existing', '--python', '3.11', made];
    await runCommand(uv.path, venv, { signal, env });
    const install = ['pip', 'install', '--python', join(made, 'bin/python'), '--no-deps'];
    install.push('--only-binary', ':all:', '--compile-bytecode', '-r', requirements);
    await runCommand(uv.path, install, { signal, env });
  });
  await removeUvCache();
  return join(folder, 'bin/mlflow');
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string }[] }[];
}

/** All tests of this package but the slow ones, on an MLflow. */
async function testOn(mlflow: string, signal: AbortSignal): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'versions-test-'));
  try {
    const report = join(folder, 'vitest.json');
    const vitest = resolve(root, 'node_modules/vitest/vitest.mjs');
    const tests = [vitest, 'run', 'packages/mlflow-rest-ts/test', '--reporter=json'];
    const env = { ...process.env, ML4_MLFLOW_BIN: mlflow };
    const ended = run(process.execPath, [...tests, `--outputFile=${report}`], {
      ...{ cwd: root, env, signal, maxBuffer: 1 << 28 },
    });
    const failure = await ended.then(
      () => undefined,
      (error: Error) => error,
    );
    const text = await readFile(report, 'utf8').catch(() => {
      throw failure;
    });
    const { testResults } = JSON.parse(text) as Report;
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    return new Map(results.map(({ fullName, status }) => [fullName, status]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.each(VERSIONS)('MLflow %s', (version, known) => {
  it('passes every test, but for what it does not have', async ({ signal }) => {
    const mlflow = await mlflowOf(version, signal);
    const { stdout } = await run(mlflow, ['--version']);
    expect(stdout.trim()).toMatch(new RegExp(`version ${version.replaceAll('.', '\\.')}$`));

    const results = await testOn(mlflow, signal);
    const named = (status: string) => [...results.keys()].filter((n) => results.get(n) === status);
    expect(named('failed')).toEqual([]);
    expect(named('passed').length).toBeGreaterThan(60);
    const skipped = [...results.keys()].filter((name) => results.get(name) !== 'passed');
    const reasons = Object.keys(known);
    const isKnown = (name: string) => reasons.some((start) => name.startsWith(start));
    expect(skipped.filter((name) => !isKnown(name))).toEqual([]);
    const used = (start: string) => skipped.some((name) => name.startsWith(start));
    expect(reasons.filter((start) => !used(start))).toEqual([]);
  });
});
