import { expect, it } from 'vitest';
import { survivesFaults } from './faults.js';
import { olderThan } from './python.js';
import { sharedServer } from './server.js';

it.skipIf(await olderThan('3.0'))(
  'no call is lost or doubled by 1000 random faults',
  { timeout: 900_000 },
  async () => {
    await survivesFaults(await sharedServer(), 1000, 7);
    expect.hasAssertions();
  },
);
