import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatePage, page } from '../bin/generate-docs.js';
import { projectRoot } from '../pipeline/project.js';

const text = readFileSync(page, 'utf8');

/** Names after `env.`, `process.env.` and in calls such as `positive(env, 'NAME')`. */
const READ = /\benv(?:\.|, ')([A-Z][A-Z0-9_]+)/g;

/** Environment variables that the sources read; those of tests and of the compiled copies aside. */
function variablesRead(): string[] {
  const names = ['tasks', 'packages', 'setup'].flatMap((room) =>
    readdirSync(join(projectRoot, room), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|js)$/.test(path))
      .filter((path) => !/(^|\/)(node_modules|dist|test)\//.test(path))
      .flatMap((path) =>
        Array.from(
          readFileSync(join(projectRoot, room, path), 'utf8').matchAll(READ),
          ([, name = '']) => name,
        ),
      ),
  );
  return [...new Set(names)].sort();
}

/** Those in the first column of the tables after the heading Environment. */
function variablesDescribed(): string[] {
  const rows = text.slice(text.indexOf('\n## Environment')).match(/^\| `.*?\|/gm) ?? [];
  const names = rows.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name));
  return names.map(String).sort();
}

describe('docs/configuration.md', () => {
  it('has the keys of the schema (`npm run docs:config -w ml4` after a change)', async () => {
    expect(text).toBe(await generatePage());
  });

  it('describes the environment variables that the program reads, and no others', () => {
    const read = variablesRead();
    expect(read).toContain('MLFLOW_TRACKING_URI');
    expect(variablesDescribed()).toEqual(read);
  });
});
