// @ts-check
import { install } from '../install.js';
import { runProgram } from '../program.js';

await runProgram(async (signal) => {
  await install({ signal });
  return 0;
});
