import { describe, expect, it } from 'vitest';
import { node, project } from './scratch-project.js';

describe('npm run setup', () => {
  it('has nothing to do the second time, and is quick', async () => {
    // `npm test` has just set everything up
    const begun = performance.now();
    const { code, stdout, stderr } = await node(project, ['setup/setup.js']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✔ Set-up \(nothing to do\) +[\d.]+ s\n$/);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
