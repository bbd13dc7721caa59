import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverRuns, serverUri } from '../mlflow/server.js';
import { freePort, node, project, scratchProject } from './scratch-project.js';

/** Something that is not MLflow, and its port. */
async function otherServer(respond: (path: string) => [number, string]): Promise<number> {
  const server = createServer((request, response) => {
    const [status, body] = respond(request.url ?? '');
    response.writeHead(status).end(body);
  });
  onTestFinished(() => {
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

describe('serverUri', () => {
  it('is port 5050, or that of ML4_MLFLOW_PORT', () => {
    expect(serverUri({})).toBe('http://127.0.0.1:5050');
    expect(serverUri({ ML4_MLFLOW_PORT: '5051' })).toBe('http://127.0.0.1:5051');
    for (const port of ['0', '65536', '50a', '-1']) {
      expect(() => serverUri({ ML4_MLFLOW_PORT: port })).toThrow('a port from 1 to 65535');
    }
  });
});

describe('serverRuns', () => {
  it('is false where nothing listens', async () => {
    expect(await serverRuns(`http://127.0.0.1:${await freePort()}`)).toBe(false);
  });

  it('tells from a real API call that something else has the port, and what to do', async () => {
    // a health check would take this for an MLflow
    const port = await otherServer((path) => (path === '/health' ? [200, 'OK'] : [404, 'no']));
    await expect(serverRuns(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      message: `http://127.0.0.1:${port} is in use by something that is not MLflow.`,
      fix: expect.stringMatching(/ML4_MLFLOW_PORT=5051 npm start.*--set tracking\.uri=/s),
      exitCode: 2,
    });
  });
});

describe('the server of npm start', () => {
  const starting = `
    const { serverUri, serverRuns, startServer } = await import('./setup/mlflow/server.js');
    const uri = serverUri();
    const running = await serverRuns(uri);
    if (!running) await startServer(uri, new AbortController().signal);
    console.log(running ? 'ran already' : 'started');
    process.exit();`;
  const start = (folder: string, env: NodeJS.ProcessEnv) =>
    node(folder, ['--input-type=module', '-e', starting], env);

  it('outlives the command, is used by the next, and ends with npm stop', async () => {
    const folder = scratchProject();
    symlinkSync(join(project, '.ml4/mlflow'), join(folder, '.ml4/mlflow'));
    const uri = `http://127.0.0.1:${await freePort()}`;
    const env = { ...process.env, ML4_MLFLOW_PORT: new URL(uri).port };
    onTestFinished(async () => {
      await node(folder, ['setup/stop.js'], env);
    });

    expect(await start(folder, env)).toEqual({ code: 0, stdout: 'started\n', stderr: '' });
    expect(await serverRuns(uri)).toBe(true);
    expect(existsSync(join(folder, 'mlruns/mlflow.db'))).toBe(true);
    expect((await start(folder, env)).stdout).toBe('ran already\n');

    expect((await node(folder, ['setup/stop.js'], env)).stdout).toBe('MLflow has stopped.\n');
    expect(await serverRuns(uri)).toBe(false);
    expect((await node(folder, ['setup/stop.js'], env)).stdout).toBe(
      'No MLflow that this folder has started is running.\n',
    );
  });

  it('says what MLflow says when it cannot start', async () => {
    const folder = scratchProject();
    symlinkSync(join(project, '.ml4/mlflow'), join(folder, '.ml4/mlflow'));
    mkdirSync(join(folder, 'mlruns'));
    writeFileSync(join(folder, 'mlruns/mlflow.db'), 'not a database, but long enough to be read');
    const env = { ...process.env, ML4_MLFLOW_PORT: String(await freePort()) };
    const { code, stderr } = await start(folder, env);
    expect(code).toBe(1);
    expect(stderr).toContain('MLflow did not start.');
    expect(stderr).toContain('file is not a database');
    expect(existsSync(join(folder, '.ml4/mlflow.pid'))).toBe(false);
  });

  it('is never taken for a process that has got its id since', async () => {
    const folder = scratchProject();
    writeFileSync(join(folder, '.ml4/mlflow.pid'), `${process.pid}\n`);
    const { stdout } = await node(folder, ['setup/stop.js']);
    expect(stdout).toBe('No MLflow that this folder has started is running.\n');
  });
});
