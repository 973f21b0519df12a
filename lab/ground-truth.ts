import type { ComponentId, PodPlacement } from '../core/observable/index.ts';
import { componentKind, componentName } from '../core/observable/index.ts';
import {
  bucketCount,
  demandOf,
  type Fault,
  type GroundTruth,
  goodRatio,
  lostRequests,
  type SliSeries,
  type TwinSpec,
} from '../core/truth/index.ts';
import type { TruthLog } from '../sim/index.ts';
import { lastingRecovery } from './sli.ts';
import type { Tolerances } from './tolerance.ts';

/** A difference counts when it lasts this many ticks. */
const ticksToDiffer = 3;

export interface TruthInput {
  readonly spec: TwinSpec;
  readonly faults: readonly Fault[];
  readonly unhealed: TruthLog;
  readonly noFault: TruthLog;
  readonly unhealedSli: SliSeries;
  readonly noFaultSli: SliSeries;
  readonly tolerances: Tolerances;
  /** Where the pods were when the first fault took hold. */
  readonly podsAtInjection: readonly PodPlacement[];
  /** The release each service got from a fault, e.g. `v1.2.4`. */
  readonly releases: ReadonlyMap<string, string>;
}

/** Derives what really happened from the pair of unhealed runs with and without the faults. */
export function deriveGroundTruth(input: TruthInput): GroundTruth {
  const { faults, unhealedSli, noFaultSli, tolerances } = input;
  const injectedAtMs = faults.length > 0 ? Math.min(...faults.map((fault) => fault.startMs)) : null;
  const onsetMs = injectedAtMs === null ? null : findUserOnset(input, injectedAtMs);
  const demand = demandOf({ noFault: noFaultSli, unhealed: unhealedSli });
  const endMs = noFaultSli.startMs + bucketCount(noFaultSli) * noFaultSli.stepMs;
  return {
    injectedAtMs,
    onsetMs,
    unhealedRecoveryMs:
      onsetMs === null
        ? null
        : lastingRecovery({
            series: unhealedSli,
            noFault: noFaultSli,
            tolerance: tolerances.goodRatio,
            fromMs: onsetMs + unhealedSli.stepMs,
          }),
    rootCauses: faults.length > 0 ? resolveRootCauses(input) : [],
    faultClass: faults[0]?.faultClass ?? null,
    silent: injectedAtMs !== null && onsetMs === null,
    affected: injectedAtMs === null ? [] : findAffected(input, injectedAtMs),
    unhealedLostRequests:
      onsetMs === null ? 0 : lostRequests(unhealedSli, demand, { fromMs: onsetMs, untilMs: endMs }),
  };
}

function findUserOnset(
  { unhealed, noFault, tolerances }: TruthInput,
  fromMs: number,
): number | null {
  const ratio = (log: TruthLog, tick: number, j: number): number => {
    const { offered, good } = log.user[tick] as TruthLog['user'][number];
    return goodRatio(good[j] as number, offered[j] as number);
  };
  return firstLastingDifference(unhealed, fromMs, (tick) =>
    unhealed.journeys.some(
      (_, j) =>
        Math.abs(ratio(noFault, tick, j) - ratio(unhealed, tick, j)) >
        (tolerances.goodRatio[j] as number),
    ),
  );
}

function findAffected(input: TruthInput, fromMs: number): GroundTruth['affected'] {
  const { unhealed, noFault, tolerances } = input;
  return unhealed.services
    .map((service, s) => ({
      component: `service/${service}`,
      atMs: firstLastingDifference(unhealed, fromMs, (tick) => {
        const broken = unhealed.service[tick] as TruthLog['service'][number];
        const sound = noFault.service[tick] as TruthLog['service'][number];
        return (
          Math.abs((broken.errorRatio[s] as number) - (sound.errorRatio[s] as number)) >
            (tolerances.errorRatio[s] as number) ||
          Math.abs((broken.latencyMsMean[s] as number) - (sound.latencyMsMean[s] as number)) >
            (tolerances.latencyMs[s] as number)
        );
      }),
    }))
    .filter((entry): entry is { component: ComponentId; atMs: number } => entry.atMs !== null)
    .sort((a, b) => a.atMs - b.atMs || (a.component < b.component ? -1 : 1));
}

/** When the first of `ticksToDiffer` differing ticks in a row began; null when there are none. */
function firstLastingDifference(
  log: TruthLog,
  fromMs: number,
  differs: (tick: number) => boolean,
): number | null {
  let run = 0;
  for (
    let tick = Math.max(0, Math.floor((fromMs - log.startMs) / 1000));
    tick < log.user.length;
    tick += 1
  ) {
    run = differs(tick) ? run + 1 : 0;
    if (run === ticksToDiffer) return log.startMs + (tick - ticksToDiffer + 1) * 1000;
  }
  return null;
}

/** The faults' targets as they were resolved at injection, widest first. */
function resolveRootCauses({ faults, spec, podsAtInjection, releases }: TruthInput): ComponentId[] {
  const causes = new Set<ComponentId>();
  for (const { target, kind } of faults) {
    causes.add(target);
    const name = componentName(target);
    if (componentKind(target) === 'zone') {
      for (const node of spec.nodes) if (node.zone === name) causes.add(`node/${node.name}`);
    }
    if (componentKind(target) === 'service') {
      const release = releases.get(name);
      const workload = spec.services.find((service) => service.name === name)?.workload;
      if (kind === 'release' && release) causes.add(`release/${workload}@${release}`);
      for (const pod of podsAtInjection) {
        if (kind !== 'release' && pod.service === name)
          causes.add(`pod/${pod.namespace}/${pod.pod}`);
      }
    }
    if (target === 'user/*')
      for (const journey of spec.journeys) causes.add(`user/${journey.name}`);
  }
  return [...causes];
}
