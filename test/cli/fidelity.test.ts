import { describe, expect, it } from 'vitest';
import { firedrill, temporaryFolder } from './firedrill.ts';

describe('npm run fidelity', () => {
  it('asks for the recordings', async () => {
    const { code, stdout, stderr } = await firedrill('fidelity');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('where are the recordings?');
    expect(stderr).toContain('npm run fidelity -- --data DIR');
  });

  it('names what is missing, and where to get it', async () => {
    const { code, stderr } = await firedrill('fidelity', '--data', temporaryFolder(), '--json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/recordings: expected .*rcd-sockshop.*, found none/);
    expect(stderr).toContain('github.com/azamikram/rcd');
  });
});
