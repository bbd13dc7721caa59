/** The floating-point formats of checkpoint files, little-endian. */
export type FloatFormat = 'F32' | 'F16' | 'BF16';

export const BYTES_PER_VALUE = { F32: 4, F16: 2, BF16: 2 } as const;

/**
 * Little-endian values as float32; every F16 and BF16 value is exact in float32. F32 is not
 * copied: the result shares the memory of `bytes`, which must begin at a multiple of 4.
 */
export function toFloat32(bytes: Uint8Array, format: FloatFormat): Float32Array {
  if (format === 'F32') {
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }
  const data = new Float32Array(bytes.byteLength / 2);
  const bits = new Uint32Array(data.buffer);
  const widen = format === 'BF16' ? (half: number) => half << 16 : float32BitsOfHalf;
  for (let i = 0; i < bits.length; i++) {
    bits[i] = widen(bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
  }
  return data;
}

/** IEEE 754 binary16 to binary32, as bit patterns: 1 sign, 5 exponent, 10 fraction bits. */
function float32BitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half is a normal float32: shift its leading one into the implicit place.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
