/**
 * A line of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an
 * apostrophe before it (OWASP, "CSV injection").
 */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line of a JSONL file. */
export function jsonlRow(
  text: string,
  label: string,
  score: number,
  probabilities: readonly number[],
): string {
  return `${JSON.stringify({ text, label, score, probabilities })}\n`;
}
