import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { STAGES } from '../pipeline/context.js';
import { projectRoot } from '../pipeline/project.js';
import { run } from './cli-support.js';

const readme = readFileSync(join(projectRoot, 'tasks', 'README.md'), 'utf8');

it('the commands in the README run and say what ml4 can do', async () => {
  const [, commands = ''] = /^```bash\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  expect(commands).toContain('ml4 --help');
  const env = { npm_config_offline: 'true' }; // npx takes what is installed, or nothing
  const script = `cd "$1"\n${commands}`;
  const { code, stdout, stderr } = await run('bash', ['-ec', script, 'bash', projectRoot], { env });
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\nUsage: ml4 /);
  for (const stage of STAGES) expect(stdout).toMatch(new RegExp(`^  ${stage} \\[options\\]`, 'm'));
  for (const command of ['run', 'predict', 'models']) {
    expect(stdout).toContain(`Usage: ml4 ${command} [options]`);
  }
});

it('the README describes every stage', () => {
  const rows = Array.from(readme.matchAll(/^\| `(\w+)` \| `(\w+)\/` \|/gm), ([, name]) => name);
  expect(rows).toEqual([...STAGES]);
});
