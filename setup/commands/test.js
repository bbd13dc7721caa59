// @ts-check
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAttached } from '../attached.js';
import { install } from '../install.js';
import { runProgram } from '../program.js';

/** `npm test`: lint, types, unit and integration tests. `--e2e`: the slow ones. Others go to vitest. */
await runProgram(async (signal) => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--e2e');
  const e2e = args.length < process.argv.length - 2;
  await install({ signal });

  /** @type {string[]} */
  const failed = [];
  const check = async (/** @type {string} */ title, /** @type {string[]} */ command) => {
    console.log(`\n${title}`);
    if ((await runAttached(command, { signal })) !== 0) failed.push(title);
  };
  if (!e2e) {
    await check('biome check', ['node_modules/.bin/biome', 'check', '--error-on-warnings']);
    await check('types of setup', ['node_modules/typescript/bin/tsc', '-p', 'setup']);
    await check('types of tests', ['node_modules/typescript/bin/tsc', '-p', 'setup/test']);
  }
  const report = await mkdtemp(join(tmpdir(), 'ml4-test-'));
  try {
    const json = join(report, 'vitest.json');
    const config = e2e ? ['--config', 'setup/vitest.e2e.config.js'] : [];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...config, ...args];
    vitest.push('--reporter=default', '--reporter=json', `--outputFile.json=${json}`);
    await check('vitest', vitest);
    if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
    const { passed, failures } = await counts(json);
    console.log(`\n${passed} passed, ${failures} failed`);
  } finally {
    await rm(report, { recursive: true });
  }
  return failed.length === 0 ? 0 : 1;
});

/**
 * @param {string} file of vitest's JSON reporter
 * @returns {Promise<{ passed: number, failures: number }>} a file that did not load is a failure
 */
async function counts(file) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(file, 'utf8'));
  const broken = testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ { status, assertionResults }) =>
      status === 'failed' && assertionResults.length === 0,
  );
  return { passed: numPassedTests, failures: numFailedTests + broken.length };
}
