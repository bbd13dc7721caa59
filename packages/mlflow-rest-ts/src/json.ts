/** A 64-bit integer: a `number` where that is exact, else (beyond ±2^53) a `bigint`. */
export type Int64 = number | bigint;

/** Strings (kept), and outside of them the numbers that JSON.parse would refuse or round. */
const STRING_OR_ODD_NUMBER =
  /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b|(?<![\w.])-?\d{16,}\b(?![.eE])/g;

/**
 * Parses what MLflow answers: JSON in which `NaN` and `Infinity` may stand bare and integers may
 * have 64 bits. Both come out as strings, which {@link toNumber} and {@link toInt64} read.
 *
 * @throws SyntaxError if the text is not even that.
 */
export function parseJson(text: string): unknown {
  const odd = text.replace(STRING_OR_ODD_NUMBER, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  return JSON.parse(odd);
}

/** Writes JSON for MLflow: NaN, ±Infinity and bigints become strings, as protobuf's JSON has them. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' || (typeof item === 'number' && !Number.isFinite(item))
      ? String(item)
      : item,
  );
}

/** Reads a double. MLflow stores ±Infinity as the largest double; that comes back as ±Infinity. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const number = Number(value);
  if (Number.isNaN(number) && value !== 'NaN') return undefined;
  return Math.abs(number) === Number.MAX_VALUE ? Math.sign(number) * Infinity : number;
}

/** Reads a 64-bit integer, given as a number or (protobuf's JSON) a string of digits. */
export function toInt64(value: unknown): Int64 | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}
