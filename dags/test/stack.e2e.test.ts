import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CompanyNetwork, HUB } from './company-network.js';
import { docker, lines, Stack, TOKEN, until } from './stack.js';

const GREEN = { fetch: 'success', train: 'success', eval: 'success', register: 'success' };
const ALL_GREEN = { ...GREEN, notify: 'success', run: 'success' };

describe('docker-compose up in a clean clone', () => {
  const stack = new Stack();
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const start = performance.now();
    await stack.up();
    console.log(`Up and usable after ${seconds(start)} s`);
    const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
    if (!executablePath) throw new Error('No browser: apt-get install chromium.');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1400, height: 1600 } });
    page.setDefaultTimeout(60_000);
  });

  afterAll(async () => {
    await browser?.close();
    await stack.remove();
  });

  it('starts services as other users than root, and the Docker socket reaches the scheduler alone', async () => {
    const containers = lines(await stack.compose('ps', '-q'));
    const withSocket: string[] = [];
    for (const id of containers) {
      const [about] = JSON.parse(await docker('inspect', id));
      const service = about.Config.Labels['com.docker.compose.service'];
      const mounts: { Source: string }[] = about.Mounts;
      if (mounts.some(({ Source }) => Source.endsWith('docker.sock'))) withSocket.push(service);
      if (!about.State.Running) continue;
      const users = lines(await docker('top', id, '-eo', 'pid,uid,args')).slice(1);
      const ofRoot = users.filter(
        (line) => /^\s*\d+\s+0\s/.test(line) && !/docker-init|tini/.test(line),
      );
      expect({ service, ofRoot }).toEqual({ service, ofRoot: [] });
      for (const binding of Object.values(about.NetworkSettings.Ports ?? {}).flat()) {
        if (binding) expect((binding as { HostIp: string }).HostIp).toBe('127.0.0.1');
      }
    }
    expect(withSocket).toEqual(['scheduler']);
  });

  it('lets admin/admin fill the form, refuses a bad value there, and runs five green tasks', async () => {
    await page.goto(stack.airflow);
    await page.locator('input[name=username]').fill('admin');
    await page.locator('input[name=password]').fill('admin');
    await page.locator('input[type=submit], button[type=submit]').first().click();
    await page.waitForURL((url) => !url.pathname.includes('login'));
    await page.goto(`${stack.airflow}/dags/ml4_pipeline`);
    await page.getByRole('button', { name: 'Trigger' }).first().click();
    const form = page.getByRole('dialog');
    await form.locator('[name="element_config"]').fill('configs/quickstart.yaml');
    await form.getByRole('button', { name: 'model', exact: true }).click();
    await form.getByText('The gate: a model is registered only').waitFor();
    const layers = form.locator('[name="element_model.unfrozen_layers"]');
    await layers.fill('many');
    const trigger = form.getByRole('button', { name: 'Trigger', exact: true }).last();
    await trigger.click();
    await page.getByText('unfrozen_layers').last().waitFor();
    expect((await ids(stack)).length).toBe(0);
    await layers.fill('all');
    await trigger.press('Enter'); // the refusal covers it for some seconds
    await until('the run', 60, async () => (await ids(stack)).length === 1);
    const [runId = ''] = await ids(stack);
    expect(await stack.ended(runId)).toEqual(ALL_GREEN);
    await page.goto(`${stack.airflow}/dags/ml4_pipeline/runs/${encodeURIComponent(runId)}`);
    await page.getByText('Success', { exact: true }).nth(4).waitFor();
  });

  it('shows the run, its metrics and the version in the MLflow page', async () => {
    const [runId = ''] = await ids(stack);
    const [run] = await stack.runs();
    expect(run).toMatchObject({ status: 'FINISHED', pipeline: runId });
    const [version] = await stack.versions(runId);
    expect(version).toBe('1');
    await page.goto(
      `${stack.mlflow}/#/experiments/1/runs/${run?.id}?workflowType=machine_learning`,
    );
    await page.getByText(runId).first().waitFor();
    await page.getByPlaceholder('Search metrics').fill('roc_auc');
    await page.getByText('test/roc_auc', { exact: true }).first().waitFor();
    await page.goto(`${stack.mlflow}/#/models/quickstart-sentiment?workflowType=machine_learning`);
    await page.getByText('Version 1').first().waitFor();
  });

  it('labels texts with that version on the page of the models, which starts runs in Airflow', async () => {
    const headers = { 'content-type': 'application/json', origin: stack.app };
    const post = (path: string, body: object, cookie = '') =>
      fetch(`${stack.app}${path}`, {
        method: 'POST',
        headers: { ...headers, cookie },
        body: JSON.stringify(body),
      });
    const signedIn = await post('/api/session', { password: 'admin' });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
    await until('a label', 60, async () => {
      const answer = await post('/predict', { text: '배우들 연기가 정말 훌륭했어요' }, cookie);
      return answer.ok && (await answer.text()).includes('positive');
    });
    const conf = { config: 'configs/quickstart.yaml', 'dataset.path': '/nowhere' };
    const started = await post('/api/runs', { conf }, cookie);
    expect(started.status).toBe(202);
    const { pipelineId, link } = (await started.json()) as { pipelineId: string; link: string };
    expect(link).toContain(`${stack.airflow}/dags/ml4_pipeline/runs/`);
    expect(await stack.ended(pipelineId)).toMatchObject({ fetch: 'failed', run: 'failed' });
  });

  it('refuses a wrong parameter by REST', async () => {
    for (const wrong of [
      { 'train.epochs': 0 },
      { 'train.epochs': 'two' },
      { config: '/etc/passwd' },
    ]) {
      const conf = { config: 'configs/quickstart.yaml', ...wrong };
      const response = await stack.api('/dags/ml4_pipeline/dagRuns', { logical_date: null, conf });
      expect([400, 422]).toContain(response.status);
    }
  });

  it('registers nothing under the threshold, shows register as skipped and says so in Slack', async () => {
    const before = (await stack.api('/dags')).ok;
    expect(before).toBe(true);
    const runId = await stack.trigger({ 'train.epochs': 1, 'model.register_threshold': 0.99 });
    const seen = await inspected(stack, runId, 'notify');
    expect(await stack.ended(runId)).toEqual({ ...ALL_GREEN, register: 'skipped' });
    expect(await stack.versions(runId)).toEqual([]);
    const [message = ''] = stack.slack.about(runId);
    expect(message).toContain('gate not passed');
    expect(stack.slack.messages[0]?.path).toBe(`/services/${TOKEN}`);

    expect(seen).toContain('ml4.stage');
    expect(seen).not.toContain(TOKEN);
    expect(await stack.log(runId, 'notify')).not.toContain(TOKEN);
    for (const id of lines(
      await stack.compose('ps', '-aq').catch(() => stack.compose('ps', '-q')),
    )) {
      expect(await docker('inspect', id)).not.toContain(TOKEN);
    }
  });

  it('tells Slack which stage failed, with a link to its log, and does not retry bad input', async () => {
    const runId = await stack.trigger({ 'dataset.path': '/nowhere' });
    expect(await stack.ended(runId)).toMatchObject({
      fetch: 'failed',
      notify: 'success',
      run: 'failed',
    });
    const [message = ''] = stack.slack.about(runId);
    expect(message).toContain('fetch failed');
    expect(message).toContain(`${stack.airflow}/dags/ml4_pipeline/runs/`);
    expect(message).toContain('/tasks/fetch');
  });

  it('reports to Slack even when the notify container cannot do its work', async () => {
    const runId = await stack.trigger({ config: 'configs/none.yaml' });
    expect(await stack.ended(runId)).toMatchObject({ notify: 'failed', run: 'failed' });
    await until('the message', 30, async () => stack.slack.about(runId).length === 1);
    expect(stack.slack.about(runId)[0]).toContain('notify failed; failed before it: fetch');
  });

  it('ends green after kill -9 of a train container and of the scheduler, two runs at once', async () => {
    const options = { 'train.epochs': 4, 'train.checkpoint_minutes': 0.05 };
    const first = await stack.trigger({ ...options, 'train.seed': 1 });
    const second = await stack.trigger({ ...options, 'train.seed': 2 });
    await until('checkpoints', 300, async () => {
      const logs = [await stack.log(first, 'train'), await stack.log(second, 'train')];
      return logs.every((log) => log.includes('Step 563'));
    });
    const [victim = ''] = await stack.containers(first, 'train');
    await docker('kill', '--signal', 'KILL', victim);
    await until('the second try', 120, async () =>
      (await stack.log(first, 'train', 2)).includes('checkpoint'),
    );
    const scheduler = lines(await stack.compose('ps', '-q', 'scheduler'))[0] ?? '';
    await docker('exec', '--user', 'root', scheduler, 'sh', '-c', 'kill -9 -1').catch(() => '');

    let double = 0;
    const watch = setInterval(async () => {
      for (const runId of [first, second]) {
        const running = await stack.containers(runId, 'train').catch(() => []);
        double = Math.max(double, running.length);
      }
    }, 500);
    expect(await stack.ended(first)).toEqual(ALL_GREEN);
    expect(await stack.ended(second)).toEqual(ALL_GREEN);
    clearInterval(watch);
    expect(double).toBe(1);
    for (const runId of [first, second]) {
      const own = (await stack.runs()).filter(({ pipeline }) => pipeline === runId);
      expect(own).toMatchObject([{ status: 'FINISHED' }]);
      expect(await stack.versions(runId)).toHaveLength(1);
    }
  });

  it('runs each stage by docker run, with the arguments of the host', async () => {
    const mounts = ['mlruns', 'configs'].flatMap((name) => [
      '-v',
      `${stack.name}_${name}:/app/${name}`,
    ]);
    const image = `${stack.name}-task`;
    expect(await docker('run', '--rm', image)).toContain('Usage: ml4');
    for (const stage of ['fetch', 'train', 'eval', 'register', 'notify']) {
      const owner = statSync(join(stack.folder, 'mlruns'));
      const env = ['-e', 'MLFLOW_TRACKING_URI=http://mlflow:5000'];
      const user = ['--user', `${owner.uid}:${owner.gid}`];
      const args = ['--config', 'configs/quickstart.yaml', '--set', 'train.epochs=1'];
      const output = await docker(
        ...['run', '--rm', '--network', stack.name, ...mounts, ...env, ...user, image],
        ...[stage, ...args, '--pipeline', 'by-hand'],
      );
      expect(() => JSON.parse(lines(output).at(-1) ?? '')).not.toThrow();
    }
    expect((await stack.runs()).find(({ pipeline }) => pipeline === 'by-hand')?.status).toBe(
      'FINISHED',
    );
  });

  it('leaves files that belong to nobody but the owner of the checkout', () => {
    const { uid } = statSync(join(stack.folder, 'mlruns'));
    expect(uid).not.toBe(0);
    const others = [
      ...files(join(stack.folder, 'mlruns')),
      ...files(join(stack.folder, 'configs')),
    ];
    expect(others.filter((path) => statSync(path).uid !== uid)).toEqual([]);
    const changed = execFileSync('git', ['status', '--porcelain'], {
      cwd: stack.folder,
      encoding: 'utf8',
    });
    expect(lines(changed)).toEqual([]);
  });

  it('loses nothing by down and up, which takes less than 45 s, and goes on with a stage that ran', async () => {
    const before = { runs: await stack.runs(), dagRuns: await ids(stack) };
    const options = { 'train.epochs': 4, 'train.checkpoint_minutes': 0.05, 'train.seed': 3 };
    const runId = await stack.trigger(options);
    await until('training', 120, async () => (await stack.log(runId, 'train')).includes('Step '));
    await stack.compose('down');
    expect(await docker('ps', '-aq', '--filter', `label=ml4.run=${runId}`)).toBe('');
    expect(await docker('network', 'ls', '-q', '--filter', `name=^${stack.name}$`)).toBe('');
    const start = performance.now();
    await stack.compose('up', '--build', '-d');
    await stack.ready();
    console.log(`Up again and usable after ${seconds(start)} s`);
    expect((await stack.runs()).filter(({ pipeline }) => pipeline !== runId)).toEqual(before.runs);
    expect(await ids(stack)).toEqual(expect.arrayContaining(before.dagRuns));
    expect(await stack.ended(runId)).toEqual(ALL_GREEN);
    expect(await stack.log(runId, 'train', 2)).toContain('checkpoint');
  });

  it('starts a run by schedule', async () => {
    const before = await ids(stack);
    stack.env.ML4_SCHEDULE = '*/30 * * * *';
    await stack.compose('up', '-d');
    await stack.ready();
    await until('a scheduled run', 120, async () => (await ids(stack)).length > before.length);
    const [runId = ''] = (await ids(stack)).filter((id) => !before.includes(id));
    expect(runId).toMatch(/^scheduled__/);
    expect(await stack.ended(runId)).toEqual(ALL_GREEN);
  });

  it("sends what leaves it through a company's proxy, and trusts the company's authority", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ml4-company-'));
    const network = new CompanyNetwork(folder);
    try {
      await stack.moveInto(network);
      expect(network.passed.some((line) => /^(GET|CONNECT) .*debian/.test(line))).toBe(true);
      network.passed.length = 0;
      delete stack.env.ML4_SCHEDULE;
      await stack.compose('up', '-d');
      await stack.ready();
      const runId = await stack.trigger({ 'model.name': 'company/bert' });
      expect(await stack.ended(runId)).toMatchObject({ fetch: 'failed', notify: 'success' });
      const hub = network.passed.filter((line) => line.startsWith(`GET ${HUB}/api/models/`));
      expect(hub).not.toEqual([]);
      expect(network.messages.filter((text) => text.includes(runId))).toHaveLength(1);
      const other = await stack.trigger({ config: 'configs/none.yaml' }); // Airflow itself posts
      expect(await stack.ended(other)).toMatchObject({ notify: 'failed' });
      await until('the message', 30, async () =>
        network.messages.some((text) => text.includes(other)),
      );
      const inside = network.passed.filter((line) => !line.includes('.company.test'));
      expect(inside).toEqual([]);
    } finally {
      network.close();
      rmSync(folder, { recursive: true });
    }
  });
});

async function ids(stack: Stack): Promise<string[]> {
  const response = await stack.api('/dags/ml4_pipeline/dagRuns?limit=100');
  const { dag_runs } = (await response.json()) as { dag_runs: { dag_run_id: string }[] };
  return dag_runs.map(({ dag_run_id }) => dag_run_id);
}

/** What `docker inspect` says of a stage's container while it runs. */
async function inspected(stack: Stack, runId: string, stage: string): Promise<string> {
  let seen = '';
  await until(`the container of ${stage}`, 300, async () => {
    const [id] = await stack.containers(runId, stage);
    if (id) seen = await docker('inspect', id);
    return seen !== '';
  });
  return seen;
}

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* files(path);
  }
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
