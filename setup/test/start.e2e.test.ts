import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, project } from './scratch-project.js';

interface Ended {
  code: number | null;
  output: string;
}

describe('npm start in a clean clone', () => {
  const clone = mkdtempSync(join(realpathSync(tmpdir()), 'ml4-clone-'));
  let env: NodeJS.ProcessEnv;
  let first: Ended;

  /** Runs npm in the clone, as from a shell and not from within `npm test`. */
  function npm(args: string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn('npm', args, { cwd: clone, env: { ...env, ...more } });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          output += chunk;
        });
      }
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output }));
    });
  }

  async function mlflow(path: string): Promise<Record<string, unknown[]>> {
    const port = env.ML4_MLFLOW_PORT;
    const response = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/${path}`);
    return (await response.json()) as Record<string, unknown[]>;
  }

  beforeAll(async () => {
    env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|ML4_|VITEST|NODE_ENV)/i.test(name)),
    );
    env.ML4_MLFLOW_PORT = String(await freePort());
    execFileSync('git', ['clone', '-q', project, clone]);
    first = await npm(['start', '--', '--yes']);
  });

  afterAll(async () => {
    await npm(['stop']);
    rmSync(clone, { recursive: true, force: true });
  });

  it('sets everything up, runs the five stages and ends with 0', () => {
    expect(first.output).toMatch(/✔ Set-up +[\d.]+ s/);
    expect(first).toMatchObject({ code: 0 });
  });

  it('leaves MLflow running, with a registered model, and says how to stop it', async () => {
    expect(first.output).toContain(`MLflow keeps running: http://127.0.0.1:${env.ML4_MLFLOW_PORT}`);
    expect(first.output.trimEnd()).toMatch(/npm stop$/);
    const { model_versions } = await mlflow('model-versions/search?max_results=10');
    expect(model_versions).toHaveLength(1);
  });

  it('changes nothing that is committed', () => {
    const changed = execFileSync('git', ['status', '--porcelain'], {
      cwd: clone,
      encoding: 'utf8',
    });
    expect(changed).toBe('');
  });

  it('has nothing to set up the second time, in under 5 s', async () => {
    const { code, output } = await npm(['run', 'setup']);
    expect(code).toBe(0);
    const [, seconds] = /✔ Set-up \(nothing to do\) +([\d.]+) s/.exec(output) ?? [];
    expect(Number(seconds)).toBeLessThan(5);
  });

  it('needs no download and no compiler run after npm ci', async () => {
    const addon = join(
      clone,
      'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node',
    );
    const before = readFileSync(addon);
    expect((await npm(['ci'])).code).toBe(0);
    const { code, output } = await npm(['run', 'setup'], { UV_OFFLINE: '1' });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).not.toContain('libtensorflow');
    expect(readFileSync(addon).equals(before)).toBe(true);
  });

  it('ends with 2 where something else has the port, and with 2 for a bad configuration', async () => {
    const other = createServer((_, response) => response.end('hello'));
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const taken = await npm(['start'], { ML4_MLFLOW_PORT: String(port) });
      expect(taken.code).toBe(2);
      expect(taken.output).toContain(`127.0.0.1:${port} is in use by something that is not MLflow`);
    } finally {
      other.close();
    }
    const mistyped = await npm(['start', '--', '--set', 'train.epoch=2']);
    expect(mistyped.code).toBe(2);
    expect(mistyped.output).toContain('train.epochs');
  });
});
