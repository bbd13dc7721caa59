// @ts-check
import { install } from '../install.js';
import { runProgram } from '../program.js';

/** `npm run setup`, or with `-- --gpu` for NVIDIA's GPUs. */
await runProgram(async (signal) => {
  if (process.argv.includes('--gpu')) process.env.ML4_GPU = '1';
  await install({ signal });
  return 0;
});
