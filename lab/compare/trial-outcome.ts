import type { TrialOutcome } from '../../core/truth/index.ts';
import type { TrialResult } from '../trial.ts';

/** The few numbers of a trial that comparisons need, small enough to be stored by the thousand. */
export function outcomeOf({
  scenario,
  seed,
  scorecard,
  exogenousDigest,
}: TrialResult): TrialOutcome {
  const { detection, diagnosis, healing } = scorecard;
  return {
    scenario,
    version: scorecard.scenario.version,
    seed,
    detected: detection.recall === null ? null : asBit(detection.recall > 0),
    timeToDetectMs: detection.timeToDetectMs,
    falseIncidents: Math.round(
      ((detection.falseIncidentsPerDay ?? 0) * detection.healthyHours) / 24,
    ),
    healthyHours: detection.healthyHours,
    top1: diagnosis.top1 === null ? null : asBit(diagnosis.top1),
    recovered: healing.recovered === null ? null : asBit(healing.recovered),
    digest: scorecard.digest,
    exogenousDigest,
    replay: scorecard.replay,
  };
}

/** The same trial on two sides. */
export interface OutcomePair {
  readonly first: TrialOutcome;
  readonly second: TrialOutcome;
}

/**
 * Trials that both sides have, of the same version of their scenario, in the second side's order.
 */
export function pairOutcomes(
  first: readonly TrialOutcome[],
  second: readonly TrialOutcome[],
): OutcomePair[] {
  const known = new Map(first.map((outcome) => [keyOf(outcome), outcome]));
  return second.flatMap((outcome) => {
    const partner = known.get(keyOf(outcome));
    return partner ? [{ first: partner, second: outcome }] : [];
  });
}

function keyOf({ scenario, version, seed }: TrialOutcome): string {
  return `${scenario} ${version} ${seed}`;
}

function asBit(isTrue: boolean): 0 | 1 {
  return isTrue ? 1 : 0;
}
