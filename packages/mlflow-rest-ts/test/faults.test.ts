import { expect, it } from 'vitest';
import { survivesFaults } from './faults.js';
import { olderThan } from './python.js';
import { sharedServer } from './server.js';

// faults.e2e.test.ts does the same with a thousand.
it.skipIf(await olderThan('3.0'))('no call is lost or doubled by 40 random faults', async () => {
  await survivesFaults(await sharedServer(), 40, 20_261_123);
  expect.hasAssertions();
});
