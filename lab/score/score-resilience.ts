import { type ActionOutcome, componentKind } from '../../core/observable/index.ts';
import { formatDuration } from '../../core/tools/index.ts';
import { availabilityOf, type RunRecord, type Scorecard } from '../../core/truth/index.ts';
import { effectiveActions } from './run-facts.ts';

/** Actions that may change something in a faulty run, unless the scenario says otherwise. */
export const actionBudget = 15;
/** A cure has to hold this long with nothing more done to it. */
export const heldAfterActionMs = 120_000;

type Criterion = Scorecard['resilience']['criteria'][number];

/** What one run reached of what `expect:` limits. */
interface Reached {
  readonly availability: number;
  readonly timeToRecoverMs: number | null;
  readonly incidents: number;
  readonly actions: number;
  /** Actions on what the fault neither sat in nor reached. */
  readonly collateral: number;
  /** From the last action to the end of the run; null when nothing was done. */
  readonly quietMs: number | null;
}

/** Holds the healed run against the scenario's `expect:`. */
export function scoreResilience(
  record: RunRecord,
  healing: Scorecard['healing'],
  incidents: number,
): Scorecard['resilience'] {
  const { timeToRecoverMs } = healing;
  const availability = availabilityOf(record, 'healed');
  const actions = effectiveActions(record);
  const lastMs = actions.at(-1)?.atMs;
  const criteria = judge(record, {
    availability,
    timeToRecoverMs,
    incidents,
    actions: actions.length,
    collateral: collateralActions(record).length,
    quietMs: lastMs === undefined ? null : record.durationMs - lastMs,
  });
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
  const criteria = judge(record, {
    availability,
    timeToRecoverMs,
    incidents: 0,
    actions: 0,
    collateral: 0,
    quietMs: null,
  });
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
    criteria.push(...judgeActing(reached));
  }
  if (expect.incidentsMax !== null) {
    criteria.push(atMost('incidents', expect.incidentsMax, reached.incidents));
  }
  const actionsMax = expect.actionsMax ?? (truth.onsetMs === null ? null : actionBudget);
  if (actionsMax !== null) criteria.push(atMost('actions', actionsMax, reached.actions));
  return criteria;
}

/** What any way of acting has to keep to, whoever acts: no collateral, and a cure that holds. */
export function judgeActing({
  collateral,
  quietMs,
}: Pick<Reached, 'collateral' | 'quietMs'>): Criterion[] {
  return [
    atMost('collateral actions', 0, collateral),
    {
      name: 'held after the last action',
      limit: `>= ${formatDuration(heldAfterActionMs)}`,
      value: quietMs,
      passed: quietMs === null || quietMs >= heldAfterActionMs,
    },
  ];
}

export function atMost(name: string, limit: number, value: number): Criterion {
  return { name, limit: `<= ${limit}`, value, passed: value <= limit };
}

/** Actions on services and places that are neither root cause nor felt the fault. */
function collateralActions(record: RunRecord): ActionOutcome[] {
  const isCollateral = collateralTest(record);
  return effectiveActions(record).filter(({ action }) => isCollateral(action.target));
}

/** Tells whether acting on a target is collateral, by what the fault sat in and what it reached. */
export function collateralTest({
  truth,
  topology,
}: Pick<RunRecord, 'topology'> & {
  readonly truth: Pick<RunRecord['truth'], 'rootCauses' | 'affected'>;
}): (target: string) => boolean {
  const touched = new Set([...truth.rootCauses, ...truth.affected.map((entry) => entry.component)]);
  // More users reach whatever their requests reach, slowed or not.
  if (truth.rootCauses.some((cause) => componentKind(cause) === 'user')) {
    for (const name of servedBy(topology)) touched.add(`service/${name}`);
  }
  return (target) => {
    const name = target.slice(target.lastIndexOf('/') + 1);
    const service = topology.services.find(({ workload }) => workload === name)?.name;
    return !touched.has(target) && !touched.has(`service/${service ?? name}`);
  };
}

/** The entry service and all it calls, directly or not. */
function servedBy({ entryService, calls }: RunRecord['topology']): ReadonlySet<string> {
  const served = new Set([entryService]);
  for (const caller of served) {
    for (const { from, to } of calls) if (from === caller) served.add(to);
  }
  return served;
}
