import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, startFiredrill, startScript, temporaryFolder, writeScenario } from './firedrill.ts';

/** A recorded workload makes a run say something when it begins. */
function writeWorkload(folder: string, minutes: number): string {
  const path = join(folder, 'rate.csv');
  const time = (i: number): string =>
    `${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;
  const lines = Array.from({ length: minutes }, (_, i) => `2020-01-01 ${time(i)}:00,600\n`);
  writeFileSync(path, `period,count\n${lines.join('')}`);
  return path;
}

describe.concurrent('Ctrl-C', { timeout: 180_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'in the middle of a run (%s): exit 130, nothing written',
    async (signal) => {
      const folder = temporaryFolder();
      const out = join(folder, 'out');
      const scenario = writeScenario(folder, 'long', { from: 'duration: 4m', to: 'duration: 10h' });
      const workload = writeWorkload(folder, 10 * 60 + 5);
      const args = ['scenario', scenario, '--workload', workload, '--out', out];
      const { child, ended, said } = startFiredrill(...args);
      await said('workload: 602 minutes from 2020-01-01 00:00:00');
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect(stderr).toContain('firedrill: interrupted; faults were rolled back');
      expect(readdirSync(out)).toEqual([]);
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    },
  );

  it.each(process.env.FIREDRILL_FULL ? ['scenario', 'detect'] : ['scenario'])(
    'once: ends a detector of the user that never returns, in %s',
    async (command) => {
      const folder = temporaryFolder();
      const [out, file] = [join(folder, 'out'), join(folder, 'mine.ts')];
      writeFileSync(
        file,
        `import { writeSync } from 'node:fs';
export const createDetector = (name) => ({
  name,
  threshold: 1,
  score: () => {
    writeSync(2, 'looping');
    for (;;) {}
  },
  learn: () => {},
});
`,
      );
      const what =
        command === 'scenario'
          ? [writeScenario(folder, 'short')]
          : ['--csv', writeWorkload(folder, 60)];
      const { child, ended, said } = startFiredrill(
        ...[command, ...what, '--detector', file, '--out', out],
      );
      await said('looping');
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect(stderr).toContain('firedrill: interrupted');
      expect(code).toBe(130);
      expect(readdirSync(out)).toEqual([]);
    },
  );

  it('once: ends a call that never returns inside another one; calls before it are over', async () => {
    const { child, ended, said } = startScript(`
      import { breakable } from ${JSON.stringify(join(root, 'cli/interruption.ts'))};
      import { writeSync } from 'node:fs';
      const sum = breakable(() => breakable(() => 1) + breakable(() => 2));
      try {
        breakable(() => { throw new Error('own'); });
      } catch ({ message }) {
        writeSync(2, sum + ' ' + message + '; ');
      }
      process.on('SIGINT', () => {});
      try {
        breakable(() => breakable(() => { writeSync(2, 'looping'); for (;;) {} }));
      } catch ({ message }) {
        writeSync(2, '; ' + message);
      }
    `);
    await said('looping');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(stderr).toMatch(/^3 own; looping; interrupted/);
    expect(code).toBe(0);
  });

  it('twice: ends at once what does not stop by itself; npm passing the first on does not count', async () => {
    const folder = temporaryFolder();
    const { child, ended, said } = startScript(`
      import { interruptibly } from ${JSON.stringify(join(root, 'cli/interruption.ts'))};
      import { writeFileSync } from 'node:fs';
      await interruptibly(async (signal) => {
        signal.addEventListener('abort', () => {
          process.stderr.write('stopped once');
          setTimeout(() => process.stderr.write('; still here'), 600);
        });
        process.stderr.write('ready');
        await new Promise((resolve) => setTimeout(resolve, 300_000));
        writeFileSync(${JSON.stringify(join(folder, 'done'))}, '');
      });
    `);
    await said('ready');
    child.kill('SIGINT');
    child.kill('SIGINT');
    await said('stopped once; still here');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(existsSync(join(folder, 'done'))).toBe(false);
  });
});
