import { formatDuration } from '../core/tools/index.ts';
import type { RunRecord, Scorecard } from '../core/truth/index.ts';
import { effectiveActions } from './run-facts.ts';
import { demandOf, lostRequests, offeredRequests } from './sli.ts';

/** Availability is counted from onset for this long. */
const availabilityWindowMs = 3_600_000;

type Criterion = Scorecard['resilience']['criteria'][number];

/** Holds the run against the scenario's `expect:`; a healthy scenario misses on any incident or action. */
export function scoreResilience(
  record: RunRecord,
  healing: Scorecard['healing'],
  incidents: number,
): Scorecard['resilience'] {
  const { expect, truth } = record;
  const availability = availabilityOf(record);
  const criteria: Criterion[] = [
    {
      name: 'availability',
      limit: `> ${expect.availabilityMin}`,
      value: availability,
      passed: availability > expect.availabilityMin,
    },
  ];
  if (truth.onsetMs !== null) {
    const recoveryMs = healing.timeToRecoverMs;
    criteria.push({
      name: 'recovery',
      limit: `< ${formatDuration(expect.recoveryMaxMs)}`,
      value: recoveryMs,
      passed: recoveryMs !== null && recoveryMs < expect.recoveryMaxMs,
    });
  }
  if (expect.incidentsMax !== null)
    criteria.push(atMost('incidents', expect.incidentsMax, incidents));
  if (expect.actionsMax !== null) {
    criteria.push(atMost('actions', expect.actionsMax, effectiveActions(record).length));
  }
  return {
    passed: criteria.every((criterion) => criterion.passed),
    availability,
    recoveryTimeMs: healing.timeToRecoverMs,
    criteria,
  };
}

function atMost(name: string, limit: number, value: number): Criterion {
  return { name, limit: `<= ${limit}`, value, passed: value <= limit };
}

/** Good user requests over what users asked for, in the hour after onset, or in all of a healthy run. */
export function availabilityOf(
  { sli, truth, durationMs }: RunRecord,
  run: 'healed' | 'unhealed' = 'healed',
): number {
  const window =
    truth.onsetMs === null
      ? { fromMs: 0, untilMs: durationMs }
      : {
          fromMs: truth.onsetMs,
          untilMs: Math.min(truth.onsetMs + availabilityWindowMs, durationMs),
        };
  const demand = demandOf(sli.noFault, sli.unhealed);
  const offered = offeredRequests(demand, window);
  return offered > 0 ? 1 - lostRequests(sli[run], demand, window) / offered : 1;
}
