import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Instruction sets that the ops are compiled for, the best first, with the flags of each.
const LEVELS: readonly [string, readonly string[]][] = [
  ['v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl', 'fma', 'bmi2']],
  ['v3', ['avx2', 'fma', 'bmi2', 'f16c']],
];

/**
 * Loads bert-tfjs's own CPU ops (native/) into TensorFlow: the build for this processor.
 *
 * @returns whether there is one; without it, graphs are made of TensorFlow's ops alone
 */
export function loadFusedOps(): boolean {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    const flags = new Set(
      readFileSync('/proc/cpuinfo', 'utf8')
        .match(/^flags\s*:(.*)$/m)?.[1]
        ?.split(' '),
    );
    const level = LEVELS.find(([, needed]) => needed.every((flag) => flags.has(flag)));
    if (!level) return false;
    require(join(folder, 'lib/napi-v8', `bert_ops_${level[0]}.node`));
    return true;
  } catch {
    return false;
  }
}
