import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodePackagesAreCurrent } from '../parts/node-packages.js';
import { scratchProject } from './scratch-project.js';

const wanted = {
  '': { name: 'project' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/only-on-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
};

/** Whether `npm ci` is needed where npm's records say this. */
function currentWith(installed: object | undefined): boolean {
  const folder = scratchProject();
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (installed) {
    mkdirSync(join(folder, 'node_modules'));
    const record = join(folder, 'node_modules/.package-lock.json');
    writeFileSync(record, JSON.stringify({ packages: installed }));
  }
  return nodePackagesAreCurrent(folder);
}

describe('nodePackagesAreCurrent', () => {
  it('holds when all packages are there that this platform needs', () => {
    expect(currentWith({ 'node_modules/a': wanted['node_modules/a'] })).toBe(true);
  });

  it('does not hold without node_modules, or after an interrupted npm ci', () => {
    expect(currentWith(undefined)).toBe(false);
  });

  it('does not hold when a package is missing or of another version', () => {
    expect(currentWith({})).toBe(false);
    const other = { version: '1.0.1', integrity: 'sha512-b' };
    expect(currentWith({ 'node_modules/a': other })).toBe(false);
  });
});
