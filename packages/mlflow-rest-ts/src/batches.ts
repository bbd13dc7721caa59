/** The server takes no body of `log-batch` that is larger. */
const MAX_BYTES = 1_000_000;

/** Splits items into lists that one `log-batch` takes, by number and by size. */
export function* batches<T>(items: readonly T[], maxItems: number): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (batch.length === maxItems || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** An upper bound of an item's size as JSON in UTF-8: field names and numbers, and 6 bytes a unit. */
function sizeOf(item: unknown): number {
  let size = 200;
  for (const value of Object.values(item as object)) {
    if (typeof value === 'string') size += 6 * value.length;
  }
  return size;
}
