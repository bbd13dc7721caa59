import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{packages/*,tasks,app,setup}/test/**/*.test.ts'],
    exclude: ['**/*.e2e.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
