import { readLines } from '../fetch/rows/utf8.js';

/** The texts of a file, many at a time: one a line. */
export async function* readTexts(file: string): AsyncGenerator<string[]> {
  for await (const { lines } of readLines(file)) yield lines.filter((line) => line.trim() !== '');
}
