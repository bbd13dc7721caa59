// @ts-check
import { runCommand } from '../command.js';
import { installAddon } from '../parts/addon.js';
import { installLibtensorflow, libtensorflowFolder } from '../parts/libtensorflow.js';
import { checkMachine } from '../parts/machine.js';
import { installUv } from '../parts/uv.js';
import { runProgram } from '../program.js';

/**
 * The engine alone, for images, in the two steps that become two layers:
 * `node setup/engine.js library cpu` installs libtensorflow (or `gpu`) without the symbols that only
 * a debugger reads, a quarter of it; `node setup/engine.js addon cpu` compiles the addon.
 */
await runProgram(async (signal) => {
  const machine = checkMachine();
  const [step, name] = process.argv.slice(2);
  const variant = name === 'gpu' ? 'gpu' : 'cpu';
  const done = () => {};
  if (step === 'library') {
    const uv = await installUv({ machine, signal, done });
    await installLibtensorflow({ variant, uv, machine, signal, done });
    const files = `${libtensorflowFolder(variant)}/lib/*.so*`;
    await runCommand('sh', ['-c', `strip --strip-unneeded ${files}`], { signal });
  } else {
    await installAddon({ variant, machine, signal, done });
  }
  return 0;
});
