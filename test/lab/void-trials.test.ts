import { describe, expect, it } from 'vitest';
import {
  isVoid,
  runTrials,
  setVoidAside,
  summariseEvaluation,
  type VoidTrial,
} from '../../lab/index.ts';
import { leftOutCases, renderJunit } from '../../reports/index.ts';
import { temporaryFolder, writeScenario } from '../cli/firedrill.ts';
import { requestFor } from '../determinism/trials.ts';
import { resultOf } from './hand-made.ts';

const folder = temporaryFolder();
const none = { scenario: 'zone_failure', seed: 2, voidBecause: 'nobody was well' };
const seeds = (trials: readonly { readonly seed: number }[]): number[] =>
  trials.map(({ seed }) => seed);
const trial = (seed: number): ReturnType<typeof resultOf> => resultOf({ result: { seed } });

describe('trials that never begin', () => {
  it('do not stop the batch that they are in', { timeout: 120_000 }, async () => {
    const unwell = writeScenario(folder, 'unwell', {
      from: 'ends:',
      to: `ambient:
  - kind: release
    target: service/frontend
    start: 20s
    parameters: { tag: v9, errorRatio: 0.5 }
ends:`,
    });
    const well = writeScenario(folder, 'well');
    const requests = [unwell, well].map((file) => requestFor(file, { seed: 3, healer: 'none' }));
    const played = await runTrials(requests, { jobs: 1 });
    expect(played.map(isVoid)).toEqual([true, false]);
    expect(played[0]).toEqual({
      scenario: 'unwell',
      seed: 3,
      voidBecause: expect.stringMatching(/^no steady state before injection: \d+\.\d % of user/),
    });
  });

  it('are set aside on all sides', () => {
    const { sides, voids } = setVoidAside([
      [trial(1), none, trial(3)],
      [trial(1), none, trial(3)],
    ]);
    expect(sides.map(seeds)).toEqual([
      [1, 3],
      [1, 3],
    ]);
    expect(voids).toEqual([none]);
  });

  it('are an error when there are no others', () => {
    const other: VoidTrial = { ...none, seed: 5 };
    expect(() => setVoidAside([[none, other]])).toThrow(
      'nobody was well (zone_failure, seed 2, and all others)',
    );
    expect(setVoidAside([[]])).toEqual({ sides: [[]], voids: [] });
  });

  it('are named in the evaluation and skipped in JUnit', () => {
    const { leftOut, trials } = summariseEvaluation({
      suite: 'by hand',
      seeds: [1, 2],
      results: [trial(1)],
      voids: [none],
      replay: 'replay',
    });
    expect(trials).toBe(1);
    expect(leftOut).toEqual([{ scenario: 'zone_failure', seed: 2, why: 'nobody was well' }]);
    const xml = renderJunit('by hand', leftOutCases(leftOut));
    expect(xml).toContain('tests="1" failures="0" errors="0" skipped="1"');
    expect(xml).toContain('<skipped message="nobody was well"/>');
  });
});
