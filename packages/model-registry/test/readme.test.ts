import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runReadmeExample } from '../../bert-tfjs/test/readme-example.js';
import { startServer } from '../../mlflow-rest-ts/test/server.js';

it('the example in the README registers, promotes, finds and downloads a model', async () => {
  const { uri } = await startServer(); // of its own: the example makes a model of a fixed name
  const output = await runReadmeExample(join(import.meta.dirname, '..'), {
    MLFLOW_TRACKING_URI: uri,
  });
  expect(output.trim().split('\n')).toEqual([
    'Accuracy 0.8921 reaches the threshold 0.8000.',
    'version 1, Production, production, 0.8921',
    '{"model_type": "bert"}',
  ]);
});
