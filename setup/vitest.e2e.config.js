// @ts-check
import { defineConfig } from 'vitest/config';

/** `npm run test:e2e`: whole commands on whole installations, one after the other. */
export default defineConfig({
  test: {
    include: ['{packages/*,tasks,app,setup,dags}/test/**/*.e2e.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 20 * 60_000,
    hookTimeout: 20 * 60_000,
  },
});
