import { formatDuration } from '../core/tools/index.ts';
import { availabilityOf, type RunRecord, type Scorecard } from '../core/truth/index.ts';
import { effectiveActions } from './run-facts.ts';

type Criterion = Scorecard['resilience']['criteria'][number];

/** What one run reached of what `expect:` limits. */
interface Reached {
  readonly availability: number;
  readonly timeToRecoverMs: number | null;
  readonly incidents: number;
  readonly actions: number;
}

/** Holds the healed run against the scenario's `expect:`. */
export function scoreResilience(
  record: RunRecord,
  healing: Scorecard['healing'],
  incidents: number,
): Scorecard['resilience'] {
  const { timeToRecoverMs } = healing;
  const availability = availabilityOf(record, 'healed');
  const actions = effectiveActions(record).length;
  const criteria = judge(record, { availability, timeToRecoverMs, incidents, actions });
  return {
    passed: criteria.every((criterion) => criterion.passed),
    availability,
    recoveryTimeMs: timeToRecoverMs,
    criteria,
  };
}

/** Holds the unhealed run against the same limits; nobody opened an incident or acted in it. */
export function scoreDoingNothing(record: RunRecord): {
  readonly recovered: boolean | null;
  readonly timeToRecoverMs: number | null;
  readonly availability: number;
  readonly passed: boolean;
} {
  const { onsetMs, unhealedRecoveryMs } = record.truth;
  const availability = availabilityOf(record, 'unhealed');
  const timeToRecoverMs =
    onsetMs === null || unhealedRecoveryMs === null ? null : unhealedRecoveryMs - onsetMs;
  const criteria = judge(record, { availability, timeToRecoverMs, incidents: 0, actions: 0 });
  return {
    recovered: onsetMs === null ? null : timeToRecoverMs !== null,
    timeToRecoverMs,
    availability,
    passed: criteria.every((criterion) => criterion.passed),
  };
}

/** A healthy scenario misses on any incident or action, since its limits are 0. */
function judge({ expect, truth }: RunRecord, reached: Reached): Criterion[] {
  const { availability, timeToRecoverMs } = reached;
  const criteria: Criterion[] = [
    {
      name: 'availability',
      limit: `> ${expect.availabilityMin}`,
      value: availability,
      passed: availability > expect.availabilityMin,
    },
  ];
  if (truth.onsetMs !== null) {
    criteria.push({
      name: 'recovery',
      limit: `< ${formatDuration(expect.recoveryMaxMs)}`,
      value: timeToRecoverMs,
      passed: timeToRecoverMs !== null && timeToRecoverMs < expect.recoveryMaxMs,
    });
  }
  if (expect.incidentsMax !== null) {
    criteria.push(atMost('incidents', expect.incidentsMax, reached.incidents));
  }
  if (expect.actionsMax !== null) {
    criteria.push(atMost('actions', expect.actionsMax, reached.actions));
  }
  return criteria;
}

function atMost(name: string, limit: number, value: number): Criterion {
  return { name, limit: `<= ${limit}`, value, passed: value <= limit };
}
