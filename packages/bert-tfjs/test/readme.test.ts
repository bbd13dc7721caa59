import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runReadmeExample } from './readme-example.js';

it('the example in the README trains a classifier that labels texts', async () => {
  const output = await runReadmeExample(join(import.meta.dirname, '..'));
  expect(output).toMatch(/^accuracy 1 after \d+ steps\npositive 0\.\d\d\nnegative 0\.\d\d\n$/);
});
