/** Trial outcomes by hand. */
import type { TrialOutcome } from '../../core/truth/index.ts';
import type { OutcomePair } from '../../lab/compare/trial-outcome.ts';

/** A detected, explained and recovered trial without a false incident. */
export function outcome(changes: Partial<TrialOutcome> = {}): TrialOutcome {
  return {
    scenario: 'zone_failure',
    version: 1,
    seed: 1,
    detected: 1,
    timeToDetectMs: 20_000,
    falseIncidents: 0,
    healthyHours: 0.5,
    top1: 1,
    recovered: 1,
    digest: 'a',
    exogenousDigest: 'x',
    replay: 'npm run scenario zone_failure -- --seed 1',
    ...changes,
  };
}

export const missed: Partial<TrialOutcome> = {
  detected: 0,
  timeToDetectMs: null,
  top1: 0,
  digest: 'b',
};

/** So many trials of ten scenarios; `second` says what differs on the second side, if anything. */
export function pairsOf(
  count: number,
  second: (i: number) => Partial<TrialOutcome> = () => ({}),
): OutcomePair[] {
  return Array.from({ length: count }, (_, i) => {
    const first = outcome({ scenario: `s${i % 10}`, seed: Math.floor(i / 10) });
    return { first, second: { ...first, ...second(i) } };
  });
}
