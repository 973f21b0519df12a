import { describe, expect, it } from 'vitest';
import { parsePolicies, policyKnobs } from '../../healers/index.ts';
import { type PlayedTrial, tune } from '../../lab/index.ts';
import type { TuneRequest } from '../../lab/tune.ts';
import { requestFor } from '../determinism/trials.ts';
import { resultOf } from './hand-made.ts';

const limitKnob = 'grow.cpu_utilization.limit';
const policyText = `apiVersion: v1
kind: ConfigMap
metadata: { name: by-hand }
data:
  policies.yaml: |
    policies:
      - name: grow
        condition: cpu_utilization > 80 for 1m
        target: deployment
        action: { type: scale_up }
        cooldown: 5m
`;
const trainSeeds = [1, 2];
const testSeeds = [101, 102, 103];

type Outcome = Parameters<typeof resultOf>[0];
type Scored = (limit: number | string, seed: number) => Outcome | null;

/** Tunes against outcomes that depend on the limit of the rule, and on the seed; null: void. */
async function tuneAgainst(outcomeOf: Scored, episodes = 400) {
  const played: number[] = [];
  const request: TuneRequest = {
    stack: requestFor('by-hand', { policy: { file: 'by-hand.yaml', text: policyText } }),
    scenarios: ['first', 'second'],
    trainSeeds,
    testSeeds,
    episodes,
    play: async (requests) =>
      requests.map(({ scenario, seed, policy }): PlayedTrial => {
        played.push(seed);
        const knobs = policyKnobs(parsePolicies(policy.text, policy.file));
        const limit = knobs.find(({ name }) => name === limitKnob)?.value as number | string;
        const outcome = outcomeOf(limit, seed);
        if (outcome === null) return { scenario, seed, voidBecause: 'nobody was well' };
        return resultOf({ ...outcome, result: { scenario, seed } });
      }),
  };
  return { report: await tune(request), played };
}

const available = (availability: number): Outcome => ({
  resilience: { availability },
  healing: { actions: [], harmfulActions: 0 },
});

describe('tuning', () => {
  it('leaves out seeds that never began, the first of them, too', async () => {
    const { report } = await tuneAgainst((limit, seed) =>
      seed === 1 || seed === 102 ? null : available(limit === 50 ? 0.95 : 0.8),
    );
    expect(report.changes).toEqual([{ knob: limitKnob, before: 80, after: 50 }]);
    expect(report.gain).toMatchObject({ value: expect.closeTo(0.15, 9), n: 4 });
    await expect(tuneAgainst(() => null)).rejects.toThrow('nobody was well (first, seed 1');
  });

  it('turns the knob that helps, and gains on the test seeds what was lost before', async () => {
    const { report } = await tuneAgainst((limit) => available(limit === 50 ? 0.95 : 0.8));
    expect(report.changes).toEqual([{ knob: limitKnob, before: 80, after: 50 }]);
    expect(
      policyKnobs(parsePolicies(report.policyText, 'tuned')).map(({ value }) => value),
    ).toContain(50);
    expect(report.costBefore.value).toBeCloseTo(0.2, 12);
    expect(report.costAfter.value).toBeCloseTo(0.05, 12);
    expect(report.gain.value).toBeCloseTo(0.15, 12);
    expect(report.gain.n).toBe(6);
  });

  it('tells a loss on the test seeds as a loss, however well it trained', async () => {
    const { report, played } = await tuneAgainst((limit, seed) => {
      const isTrain = trainSeeds.includes(seed);
      return available((limit === 50) === isTrain ? 0.95 : 0.8);
    });
    expect(report.changes).toEqual([{ knob: limitKnob, before: 80, after: 50 }]);
    expect(report.costBefore.value).toBeCloseTo(0.05, 12);
    expect(report.costAfter.value).toBeCloseTo(0.2, 12);
    expect(report.gain.value).toBeCloseTo(-0.15, 12);
    expect(played.slice(-12)).toEqual([...testSeeds, ...testSeeds, ...testSeeds, ...testSeeds]);
    expect(played.slice(0, -12).every((seed) => trainSeeds.includes(seed))).toBe(true);
  });

  it('leaves a policy alone that nothing improves', async () => {
    const { report } = await tuneAgainst(() => available(0.9));
    expect(report.changes).toEqual([]);
    expect(report.gain.value).toBe(0);
  });

  it('pays for actions, and for harm more', async () => {
    const costOf = async (outcome: Outcome): Promise<number> =>
      (await tuneAgainst(() => outcome, 0)).report.costBefore.value as number;
    const action = { atMs: 0, action: 'restart', target: 'a', outcome: 'done' };
    const twice = { actions: [action, action], harmfulActions: 0 };
    const idle = await costOf(available(1));
    const busy = await costOf({ ...available(1), healing: twice });
    const harmful = await costOf({ ...available(1), healing: { ...twice, harmfulActions: 2 } });
    expect(idle).toBe(0);
    expect(busy).toBeGreaterThan(0);
    expect(harmful).toBeGreaterThan(2 * busy);
  });
});
