import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../packages/mlflow-rest-ts/test/server.js';
import {
  expectAccessible,
  expectNoSidewaysScrolling,
  launchBrowser,
  openWindow,
  screenshot,
} from './browser.js';

/** `ml4 serve` and `ml4 run` as a user starts them, and what the user sees in Chromium. */
const ML4 = join(import.meta.dirname, '../../tasks/bin/ml4.js');
const PASSWORD = '열려라 참깨';
const PHONE = { width: 390, height: 844 };

let folder: string;
let mlflow: Server;
let browser: Browser;
let address: string;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ml4-page-e2e-'));
  [mlflow, browser] = await Promise.all([startServer(), launchBrowser()]);
  await ended(train('Production', 1));
  address = await serve();
});
afterAll(async () => {
  await browser?.close();
  for (const process of processes) process.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function ml4(args: string[], env: Record<string, string> = {}): ChildProcess {
  const set = [
    `tracking.uri=${mlflow.uri}`,
    `tracking.volume=${mlflow.artifacts}`,
    `register.mirror=${join(folder, 'model_registry.json')}`,
    'register.gate.to_promote=better',
    'notify.slack=false',
  ].flatMap((setting) => ['--set', setting]);
  const [command = '', ...rest] = args;
  const child = spawn(
    process.execPath,
    [ML4, command, '--config', 'configs/quickstart.yaml', ...set, ...rest],
    { cwd: join(import.meta.dirname, '../..'), env: { ...process.env, ML4_USER: '지우', ...env } },
  );
  processes.push(child);
  return child;
}

const train = (stage: string, epochs: number) =>
  ml4(['run', '--fresh', '--stage', stage, '--set', `train.epochs=${epochs}`]);

async function ended(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr!.on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(said);
}

/** Starts `ml4 serve` at a free port, and waits until its model answers. */
async function serve(args: string[] = [], env: Record<string, string> = {}): Promise<string> {
  const child = ml4(['serve', '--port', '0', ...args], env);
  for await (const line of createInterface({ input: child.stderr! })) {
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (!url) continue;
    child.stderr!.resume();
    while ((await fetch(`${url}/health`)).status !== 200) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return url;
  }
  throw new Error('ml4 serve ended');
}

const served = (page: Page, version: number) =>
  page.getByRole('banner').getByText(`버전 ${version} 서비스 중`).waitFor();

describe('Try', () => {
  it('labels a review as it is typed, and shows the words behind it', async () => {
    const { page, complaints } = await openWindow(browser, {
      viewport: { width: 1180, height: 800 },
    });
    await page.goto(address);
    await served(page, 1);
    const review = page.getByLabel('리뷰', { exact: true });
    await review.fill('배우들 연기가 정말 훌륭했어요');
    const label = page.getByTestId('label');
    await label.getByText('positive').waitFor();
    await review.fill('');
    await page.getByText('입력하는 대로 결과가 나옵니다.').waitFor();
    await review.pressSequentially('이야기가 지루해서 시간이 아까웠다');
    await label.getByText('negative').waitFor();
    await page.getByRole('heading', { name: '‘negative’ 쪽으로' }).waitFor();
    const words = page.locator('.words li');
    await words.filter({ hasText: '아까웠다' }).waitFor();
    expect(await words.count()).toBe(4);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('speaks English, and remembers it', async () => {
    const { page } = await openWindow(browser);
    await page.goto(address);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'What does the model say?' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: 'What does the model say?' }).waitFor();
    const english = await openWindow(browser, { locale: 'en-US' });
    await english.page.goto(address);
    await english.page.getByRole('heading', { name: 'What does the model say?' }).waitFor();
  });

  it('is reached and used by the keyboard alone', async () => {
    const { page } = await openWindow(browser);
    await page.goto(address);
    await served(page, 1);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    const tabTo = async (name: string) => {
      for (let i = 0; i < 30 && (await focused()) !== name; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('본문으로 건너뛰기');
    await page.keyboard.press('Enter');
    await tabTo('이야기가 지루해서 끝까지 못 봤다');
    await page.keyboard.press('Enter');
    await page.getByTestId('label').getByText('negative').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: '파일 전체 분류하기' }).waitFor();
  });

  it('labels a dropped file, shows how far it is, and gives the results', async () => {
    const { page } = await openWindow(browser);
    await page.goto(address);
    await page.getByRole('tab', { name: '파일' }).click();
    const lines = Array.from({ length: 3000 }, (_, i) => `정말 훌륭한 영화 ${i},`);
    const [content, name] = [`text,memo\n${lines.join('\n')}`, '리뷰.csv'].map((text) =>
      JSON.stringify(text),
    );
    const transfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([${content}], ${name}, { type: 'text/csv' }));
      return data;
    })()`);
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
    await page.getByRole('progressbar').waitFor();
    await page.getByText('3,000개를 모두 분류했습니다.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV 내려받기' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('리뷰.labeled.csv');
    const results = await readFile(await download.path(), 'utf8');
    expect(results.split('\r\n')).toHaveLength(3002);
    expect(results).toContain('정말 훌륭한 영화 0,positive,');
    await expectAccessible(page);
    await page.getByRole('button', { name: '다른 파일' }).click();

    await page.getByLabel('또는 여러 줄 붙여 넣기').fill('좋았다\n지루했다');
    await page.getByRole('button', { name: '분류하기' }).click();
    await page.getByText('2개를 모두 분류했습니다.').waitFor();
  });

  it('says what is wrong with a broken file', async () => {
    const { page } = await openWindow(browser, { locale: 'en-US' });
    await page.goto(address);
    await page.getByRole('tab', { name: 'File' }).click();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose a file' }).click(),
    ]);
    const buffer = Buffer.from('{"text": "좋았다"}\n{"text": \n');
    await chooser.setFiles({ name: 'broken.jsonl', mimeType: 'application/json', buffer });
    await page.getByRole('alert').getByText('broken.jsonl:2').waitFor();
    await expectAccessible(page);
  });
});

describe('Runs', () => {
  it('shows a pipeline while it trains: its bar moves and its curve grows', async () => {
    const training = train('Staging', 8); // long enough to be watched on a fast machine, too
    const done = ended(training);
    const { page, complaints } = await openWindow(browser, {
      viewport: { width: 1180, height: 800 },
    });
    await page.goto(`${address}/#/runs`);
    await page.getByText('실시간').waitFor();
    const section = page.getByRole('region', { name: '손실' });
    const curve = section.locator('path').first();
    await curve.waitFor();
    const points = async () => ((await curve.getAttribute('d')) ?? '').split('L').length;
    const early = await points();
    await expect.poll(points, { timeout: 120_000, interval: 500 }).toBeGreaterThan(early);
    await page
      .getByText(/\d+ 스텝 중 \d+/)
      .first()
      .waitFor();
    await screenshot(page, 'page-runs');
    await expectAccessible(page);
    await done;
    await page
      .getByRole('table', { name: '파이프라인 실행' })
      .getByText('게이트 통과')
      .nth(1)
      .waitFor();
    expect(
      await page.getByRole('link', { name: 'MLflow에서 보기' }).getAttribute('href'),
    ).toContain(mlflow.uri);
    expect(complaints).toEqual([]);
  });
});

describe('champion and challenger', () => {
  it('stand side by side, with the texts on which they differ', async () => {
    const { page } = await openWindow(browser, { viewport: { width: 1180, height: 800 } });
    await page.goto(address);
    await page.getByRole('region', { name: '도전자' }).getByText('버전 2').waitFor();
    await page.getByLabel('리뷰', { exact: true }).fill('음악은 좋은데 결말이 정말 아쉽네요');
    await page.getByText(/두 버전의 판단이/).waitFor();
    await page.locator('.words li').filter({ hasText: '아쉽네요' }).waitFor();
    await screenshot(page, 'page-try');
    await expectAccessible(page);
    await page.getByRole('tab', { name: '의견이 갈리는 곳' }).click();
    const rows = page.getByRole('table', { name: '의견이 갈리는 문장' }).locator('tbody tr');
    await rows.first().waitFor();
    const all = await rows.count();
    await page.getByText(/^도전자만 맞음/).click();
    expect(await rows.count()).toBeLessThan(all);
    for (const row of (await rows.all()).slice(0, 5)) {
      expect(await row.getByRole('img', { name: '맞음' }).count()).toBe(1);
    }
    await screenshot(page, 'page-differences', false);
    await expectAccessible(page);
  });
});

describe('Models', () => {
  it('shows a version in full: figures, curves, confusion, slices, lineage, verdict', async () => {
    const { page, complaints } = await openWindow(browser, {
      viewport: { width: 1180, height: 800 },
    });
    await page.goto(`${address}/#/models`);
    await page.getByRole('button', { name: '버전 2' }).click();
    for (const name of [
      '게이트',
      '테스트 성적',
      '학습 곡선',
      '혼동 행렬',
      '부분별 정확도',
      '이력',
    ]) {
      await page.getByRole('region', { name, exact: true }).waitFor();
    }
    await page.getByRole('table', { name: '혼동 행렬' }).waitFor();
    await page
      .getByText(/챔피언보다|오차 범위에서/)
      .first()
      .waitFor();
    const roc = page.getByRole('img', { name: 'ROC 곡선' });
    await roc.scrollIntoViewIfNeeded();
    const width = () => page.evaluate<number>("document.querySelector('.plot').naturalWidth");
    await expect.poll(width).toBeGreaterThan(0);
    await page.getByRole('img', { name: '보정' }).scrollIntoViewIfNeeded();
    await screenshot(page, 'page-models');
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('promotes after a confirmation with the verdict in view, and rolls back', async () => {
    const { page } = await openWindow(browser, { viewport: { width: 1180, height: 800 } });
    await page.goto(`${address}/#/models/2`);
    await page.getByRole('button', { name: 'Production으로' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('비교 대상: 버전 1').waitFor();
    await dialog.getByLabel('이유 (이력에 남습니다)').fill('더 오래 학습했다');
    const despite = dialog.getByRole('checkbox');
    if (await despite.isVisible()) await despite.check(); // the gate asks for "better"
    await page.getByRole('region', { name: '게이트' }).waitFor();
    await screenshot(page, 'page-promote', false);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: '확인' }).click();
    await dialog.waitFor({ state: 'detached' });
    await served(page, 2);
    const history = page.getByRole('region', { name: '이력' });
    await history.getByText('더 오래 학습했다').waitFor();
    await history.getByText(/지우/).first().waitFor();
    const mirror = JSON.parse(await readFile(join(folder, 'model_registry.json'), 'utf8'));
    expect(mirror.models[0].production).toBe('2');

    await page.getByRole('button', { name: '되돌리기' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '확인' }).click();
    await served(page, 1);
  });
});

describe('on a phone, and in the dark', () => {
  it.each(['', '#/models', '#/runs'])('%s is whole and readable', async (path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await openWindow(browser, {
        viewport: PHONE,
        isMobile: true,
        hasTouch: true,
        colorScheme,
        locale: colorScheme === 'dark' ? 'en-US' : 'ko-KR',
      });
      await page.goto(`${address}/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('section').first().waitFor();
      await page.waitForLoadState('networkidle');
      await expectNoSidewaysScrolling(page);
      await expectAccessible(page);
      if (path === '' && colorScheme === 'dark') await screenshot(page, 'page-phone');
      expect(complaints).toEqual([]);
    }
  });
});

describe('a page that is opened wider', () => {
  it('is refused without a password, and asks for it', async () => {
    const refused = ml4(['serve', '--host', '0.0.0.0', '--port', '0']);
    await expect(ended(refused)).rejects.toThrow('ML4_APP_PASSWORD');
    const open = await serve(['--host', '0.0.0.0'], { ML4_APP_PASSWORD: PASSWORD });
    const { page } = await openWindow(browser);
    await page.goto(open.replace('0.0.0.0', '127.0.0.1'));
    const password = page.getByRole('textbox', { name: '비밀번호' });
    await expectAccessible(page);
    await password.fill('모른다');
    await page.keyboard.press('Enter');
    await page.getByText('비밀번호가 맞지 않습니다.').waitFor();
    await password.fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByTestId('label').waitFor();
    await page.getByRole('button', { name: '로그아웃' }).click();
    await password.waitFor();
  });
});

describe('when something is away', () => {
  it('says that MLflow is, and goes on labeling', async () => {
    const { page } = await openWindow(browser);
    await page.goto(address);
    await served(page, 1);
    process.kill(-mlflow.pid, 'SIGKILL');
    await page.getByRole('link', { name: '모델' }).click();
    await page.getByRole('alert').getByText('MLflow에 연결할 수 없습니다.').waitFor();
    await screenshot(page, 'page-mlflow-away');
    await expectAccessible(page);
    await page.getByRole('link', { name: '써 보기' }).click();
    await page.getByLabel('리뷰', { exact: true }).fill('정말 지루해서 졸았다');
    await page.getByTestId('label').getByText('negative').waitFor();
  });

  it('says that the server is', async () => {
    const { page } = await openWindow(browser);
    await page.goto(address);
    await served(page, 1);
    for (const child of processes) child.kill('SIGKILL');
    await page.getByRole('link', { name: '실행' }).click();
    await page.getByText(/서버가 응답하지 않습니다/).waitFor();
  });
});
