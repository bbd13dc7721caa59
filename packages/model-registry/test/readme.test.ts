import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runReadmeExample } from '../../bert-tfjs/test/readme-example.js';
import { startServer } from '../../mlflow-rest-ts/test/server.js';

// It starts a server and a compiler.
it('the example in the README compares, promotes, rolls back and downloads', {
  timeout: 180_000,
}, async () => {
  const { uri } = await startServer(); // of its own: the example makes a model of a fixed name
  const output = await runReadmeExample(join(import.meta.dirname, '..'), {
    MLFLOW_TRACKING_URI: uri,
  });
  expect(output.trim().split('\n')).toEqual([
    'Accuracy 0.8500 reaches the threshold 0.8000.',
    'Accuracy 0.8900 reaches the threshold 0.8000.',
    'better Version 2 has +4.00 points of accuracy against version 1 on the same 1000 texts (95 %: +2.95 to +5.40), which is better than chance (McNemar p = 2e-12).',
    '1: None to Production by kim, the first',
    '2: None to Production by kim, null',
    '1: Production to Archived by kim, version 2 took its place',
    '1: Archived to Production by lee, rolled back from version 2: it takes irony at its word',
    '2: Production to Archived by lee, version 1 took its place',
    '1 {"model_type": "bert"}',
  ]);
});
