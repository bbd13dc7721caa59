// Writes the table of keys in docs/configuration.md from configs/config.schema.json:
// `npm run docs:config -w ml4`, after a build.
// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeType, knownKeys } from '../dist/pipeline/schema.js';

export const page = new URL('../../docs/configuration.md', import.meta.url);

/** The page with the table that the schema makes; what stands around it is kept. */
export async function generatePage() {
  const text = await readFile(page, 'utf8');
  const [before, , after] = text.split(/(?<=<!-- keys -->\n)([\s\S]*)(?=<!-- \/keys -->)/);
  if (before === undefined || after === undefined) {
    throw new Error(
      'docs/configuration.md has no place for the table: <!-- keys --> … <!-- /keys -->',
    );
  }
  return `${before}\n${table()}\n${after}`;
}

function table() {
  const rows = [...knownKeys].map(([key, schema]) => {
    const value = schema.default === null ? 'empty' : `\`${schema.default}\``;
    const type = describeType(schema).replace(/(?<=matches )\S+/, '`$&`');
    return [`\`${key}\``, type, value, schema.description ?? ''];
  });
  return [['Key', 'Value', 'Default', 'Meaning'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(page, await generatePage());
}
