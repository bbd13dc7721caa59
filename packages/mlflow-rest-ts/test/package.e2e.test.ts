import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../src/node/index.js';
import { sharedServer } from './server.js';

const run = promisify(execFile);
const PACKAGE = join(import.meta.dirname, '..');
const TYPESCRIPT = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
const NODE_TYPES = dirname(createRequire(import.meta.url).resolve('@types/node/package.json'));

describe('the package, installed in an empty TypeScript project', () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'package-test-'));
    const packed = ['pack', '--ignore-scripts', '--pack-destination', project];
    await run('npm', packed, { cwd: PACKAGE });
    const [tarball = ''] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await run('npm', ['install', '--offline', '--no-audit', `./${tarball}`], { cwd: project });
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          target: 'ES2022',
          module: 'NodeNext',
          outDir: 'out',
          rootDir: '.',
          typeRoots: [dirname(NODE_TYPES)],
          types: ['node'],
        },
        include: ['*.ts'],
      }),
    );
  });
  afterAll(() => rm(project, { recursive: true }));

  it('compiles and runs the examples of the README', async () => {
    const { uri } = await sharedServer();
    const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
    expect(examples.length).toBeGreaterThanOrEqual(3);
    for (const [i, code] of examples.entries()) {
      await writeFile(join(project, `example${i}.ts`), code);
    }
    await run(process.execPath, [join(TYPESCRIPT, 'bin/tsc'), '-p', project]);

    const env = { ...process.env, MLFLOW_TRACKING_URI: uri };
    let output = '';
    for (const i of examples.keys()) {
      const { stdout } = await run(process.execPath, [`out/example${i}.js`], { cwd: project, env });
      output += stdout;
    }
    expect(output).toContain('INVALID_PARAMETER_VALUE 400 /api/2.0/mlflow/registered-models/alias');
    const client = new MlflowClient({ trackingUri: uri });
    const name = { name: 'sentiment', alias: 'production' };
    expect((await client.registeredModels.getVersionByAlias(name)).currentStage).toBe('Production');
  }, 180_000);
});

describe('the API reference', () => {
  it('is generated from the doc comments, without a warning', async () => {
    const out = await mkdtemp(join(tmpdir(), 'reference-test-'));
    const typedoc = createRequire(import.meta.url).resolve('typedoc/package.json');
    const program = join(dirname(typedoc), 'bin/typedoc');
    // Warnings are errors: see typedoc.json.
    await run(process.execPath, [program, '--out', out], { cwd: PACKAGE });
    const client = await readFile(join(out, 'classes/MlflowClient.md'), 'utf8');
    expect(client).toContain('### promote()');
    await rm(out, { recursive: true });
  }, 120_000);
});
