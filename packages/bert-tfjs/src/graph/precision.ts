import { readFileSync } from 'node:fs';

/** The precision of matrix products. `auto`: bfloat16 where the CPU multiplies it natively. */
export type Precision = 'auto' | 'bf16' | 'fp32';

export type ComputeType = 'float32' | 'bfloat16';

/** The type that a precision means on this machine. */
export function computeTypeOf(precision: Precision): ComputeType {
  if (precision === 'auto') return hasBfloat16() ? 'bfloat16' : 'float32';
  return precision === 'bf16' ? 'bfloat16' : 'float32';
}

/** Whether this CPU has bfloat16 instructions (x86: AVX512-BF16, AMX; Arm: BF16). */
export function hasBfloat16(): boolean {
  try {
    return /^(flags|Features)\s*:.*\b(avx512_bf16|amx_bf16|bf16)\b/m.test(
      readFileSync('/proc/cpuinfo', 'utf8'),
    );
  } catch {
    return false;
  }
}
