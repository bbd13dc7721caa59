import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, '../../..');
const TSC = join(PROJECT, 'node_modules/typescript/bin/tsc');

/**
 * Compiles the only TypeScript example in a package's README as a program of that package, runs it
 * and returns what it prints.
 *
 * @throws Error with the compiler's or the program's messages where it fails
 */
export async function runReadmeExample(
  packageFolder: string,
  env: Record<string, string> = {},
): Promise<string> {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8');
  const [code, ...others] = Array.from(readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, c]) => c);
  if (code === undefined || others.length > 0) throw new Error('the README has not one example');

  await mkdir(join(packageFolder, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(packageFolder, 'dist/readme-')); // the imports resolve from here
  try {
    await writeFile(join(folder, 'example.ts'), code);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    await run(process.execPath, [TSC, '-p', folder]).catch(withOutput);
    const { stdout } = await run(process.execPath, [join(folder, 'example.js')], {
      env: { ...process.env, ...env },
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const TSCONFIG = {
  extends: join(PROJECT, 'tsconfig.base.json'),
  compilerOptions: {
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    typeRoots: [join(PROJECT, 'node_modules/@types')],
  },
  include: ['example.ts'],
};

/** The compiler says on stdout what is wrong, and execFile's error has only stderr. */
function withOutput(error: Error & { stdout?: string }): never {
  throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
}
