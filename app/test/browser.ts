import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const images = join(import.meta.dirname, '../../docs/images');

/** The system's Chromium. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.ML4_CHROMIUM || '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export interface Visit {
  page: Page;
  /** What the browser complained about: errors of scripts, refusals of the Content-Security-Policy. */
  complaints: string[];
}

/** Opens a window of its own, with its language and colors. */
export async function openWindow(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    locale: 'ko-KR',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a pipeline may have to start first
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // An answer that says no is logged too; the page shows it, and a test looks for that.
    const answered = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !answered) complaints.push(message.text());
  });
  return { page, complaints };
}

interface AxeResult {
  violations: { id: string; impact: string | null; nodes: { html: string }[] }[];
}

/** axe-core finds nothing that is serious or critical (WCAG 2.2 AA and best practices). */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  expect(serious).toEqual([]);
}

/** Nothing sticks out to the right. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const root = 'document.documentElement';
  const beyond = await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`);
  expect(beyond).toBe(0);
}

/** With ML4_SCREENSHOTS=1, renews an image of the documentation. */
export async function screenshot(page: Page, name: string, fullPage = true): Promise<void> {
  if (process.env.ML4_SCREENSHOTS !== '1') return;
  await mkdir(images, { recursive: true });
  await page.evaluate('window.scrollTo(0, 0)'); // else the header stands in the middle
  await page.screenshot({ path: join(images, `${name}.png`), fullPage });
}
