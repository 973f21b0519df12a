import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shippedPolicyUrl } from '../../healers/index.ts';
import { blameDetectorFile, runTrials, type TrialRequest } from '../../lab/index.ts';
import { WorkerPool } from '../../lab/worker-pool.ts';
import { withoutFault, writeScenario } from '../cli/firedrill.ts';

const folder = mkdtempSync(join(tmpdir(), 'firedrill-stray-'));

it('what a detector file leaves to fail in a worker is told with its place', async () => {
  const file = join(folder, 'late.ts');
  writeFileSync(
    file,
    `export const createDetector = (name) => {
  queueMicrotask(() => { throw new Error('late'); });
  return { name, threshold: 1, score() {}, learn() {} };
};
`,
  );
  const trial: TrialRequest = {
    scenario: writeScenario(folder, 'short', withoutFault),
    seed: 3,
    detector: file,
    localizer: 'combined',
    healer: 'none',
    policy: { file: 'default', text: readFileSync(shippedPolicyUrl('default'), 'utf8') },
    manifestsDir: null,
    workload: null,
    oracle: false,
    inputHashes: {},
  };
  const played = runTrials([trial], { jobs: 1 });
  await expect(played).rejects.toThrow(/late\.ts:2:\d+: what it left running threw Error: late$/);
  await expect(played).rejects.toHaveProperty('exitCode', 2);
});

it('no answer counts that leaves something to fail', async () => {
  const script = new URL(`file://${join(import.meta.dirname, 'careless-worker.ts')}`);
  const pool = new WorkerPool<{ scenario: string; seed: number }, number>(script, { jobs: 1 });
  await expect(pool.play([{ scenario: 'a', seed: 1 }])).rejects.toThrow('left to fail');
  await pool.close();
});

it('is blamed on the file in whose lines it arose, else on the first, but never for what is ours', () => {
  const error = new Error('late');
  error.stack = `Error: late\n    at file://${join(folder, 'b.ts')}:3:5`;
  const detectors = ['default', join(folder, 'a.ts'), join(folder, 'b.ts')];
  expect(blameDetectorFile(error, detectors)).toMatchObject({
    message: expect.stringContaining('b.ts:3:5: what it left running threw Error: late'),
    exitCode: 2,
  });
  const placeless = Object.assign(new Error('late'), { stack: 'Error: late' });
  expect(blameDetectorFile(placeless, detectors)).toMatchObject({
    message: expect.stringContaining('a.ts: what it left running threw Error: late'),
  });
  const full = Object.assign(placeless, { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  expect(blameDetectorFile(full, detectors)).toBe(full);
  const ours = new Error('thrown in a file of this package');
  expect(blameDetectorFile(ours, detectors)).toBe(ours);
  expect(blameDetectorFile(error, ['default'])).toBe(error);
});
