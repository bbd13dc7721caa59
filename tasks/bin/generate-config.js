// Writes tasks/pipeline/config.generated.ts from configs/config.schema.json: `npm run generate -w ml4`.
// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const schemaFile = new URL('../../configs/config.schema.json', import.meta.url);
export const typeFile = new URL('../pipeline/config.generated.ts', import.meta.url);

/** The TypeScript type of a configuration whose defaults are filled in: every key is present. */
export async function generateConfigType() {
  const schema = JSON.parse(await readFile(schemaFile, 'utf8'));
  requireEveryKey(schema);
  return compile(schema, 'Config', {
    bannerComment:
      '// Made from configs/config.schema.json by `npm run generate -w ml4`. Do not edit.',
    style: { singleQuote: true, printWidth: 100 },
  });
}

/** @param {{ properties?: Record<string, any>, required?: string[] }} schema */
function requireEveryKey(schema) {
  if (!schema.properties) return;
  schema.required = Object.keys(schema.properties);
  for (const property of Object.values(schema.properties)) requireEveryKey(property);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(typeFile, await generateConfigType());
}
