/**
 * Pods whose station is, to the bit, that of the pod before them of their service and zone. Where a
 * service has hundreds of operations, copying what became of a pod is much less work than finding
 * it again.
 */
import { letAllIn } from './admission.ts';
import type { ImpairTable } from './impair-table.ts';
import { nodeCoresOf, type StationParts } from './station-parts.ts';

/** Pods of services with fewer operations are worked out as quickly as they are compared. */
const operationsFrom = 16;

/**
 * Finds, before admission, which pods' stations read what those of another pod read. Only speed
 * hangs on it: whoever is not found is worked out.
 */
export function findLikePods(parts: StationParts): void {
  const { part, graph, index, impairs, likePods } = parts;
  const { firstOperation, zones } = graph;
  const { first, pods } = index.podsInZone;
  for (let k = 0; k < part.services.length; k += 1) {
    const s = part.services[k] as number;
    const operations = (firstOperation[s + 1] as number) - (firstOperation[s] as number);
    if (operations < operationsFrom) continue;
    // What is wrong with answers may differ from pod to pod.
    const isTouched = impairs?.touched.hasService(s) ?? false;
    for (let group = s * zones.length; group < (s + 1) * zones.length; group += 1) {
      let before = -1;
      for (let e = first[group] as number; e < (first[group + 1] as number); e += 1) {
        const p = pods[e] as number;
        const isLike = !isTouched && before >= 0 && areLike(parts, before, p);
        likePods[p] = isLike ? before : -1;
        before = p;
      }
    }
  }
}

function areLike(parts: StationParts, a: number, b: number): boolean {
  const { index, reachable, state, impairs } = parts;
  const { pod, slot } = state;
  return (
    reachable.alive[a] === 1 &&
    reachable.alive[b] === 1 &&
    index.cpuLimitCores[a] === index.cpuLimitCores[b] &&
    nodeCoresOf(parts, a) === nodeCoresOf(parts, b) &&
    pod.demandFactor[a] === pod.demandFactor[b] &&
    pod.addedErrorRatio[a] === pod.addedErrorRatio[b] &&
    pod.utilisation[a] === pod.utilisation[b] &&
    pod.capacityCores[a] === pod.capacityCores[b] &&
    pod.standing[a] === pod.standing[b] &&
    pod.clockedPerSec[a] === pod.clockedPerSec[b] &&
    haveLikeSlots(slot.arrivals, parts, a, b) &&
    haveLikeSlots(slot.backlog, parts, a, b) &&
    haveLikeSlots(slot.callMs, parts, a, b) &&
    (impairs === null || areImpairedAlike(impairs, parts, a, b))
  );
}

function areImpairedAlike(
  { pod, slot }: ImpairTable,
  parts: StationParts,
  a: number,
  b: number,
): boolean {
  return (
    pod.cores[a] === pod.cores[b] &&
    pod.takenShare[a] === pod.takenShare[b] &&
    haveLikeSlots(slot.cpuFactor, parts, a, b) &&
    haveLikeSlots(slot.waitMs, parts, a, b)
  );
}

/** Whether a column has the same numbers for both pods' slots. */
function haveLikeSlots(
  column: Float64Array,
  { index }: StationParts,
  a: number,
  b: number,
): boolean {
  const from = index.firstSlot[a] as number;
  const until = index.firstSlot[a + 1] as number;
  const shift = (index.firstSlot[b] as number) - from;
  for (let i = from; i < until; i += 1) if (column[i] !== column[i + shift]) return false;
  return true;
}

/** Takes over what `admit` found for the pod that p is like, unless that one is near its bound. */
export function takeOverAdmission({ likePods, state }: StationParts, p: number): boolean {
  const { pod } = state;
  const like = likePods[p] as number;
  if (like < 0) return false;
  if (pod.isTight[like] === 1) {
    likePods[p] = -1;
    return false;
  }
  pod.isTight[p] = 0;
  letAllIn(pod, p);
  pod.offeredUtilisation[p] = pod.offeredUtilisation[like] as number;
  pod.backlogMax[p] = pod.backlogMax[like] as number;
  pod.wantedCores[p] = pod.wantedCores[like] as number;
  return true;
}

/**
 * Takes over how the pod that p is like served what came and how long that took, unless that one
 * left something, or their nodes leave them different CPU.
 */
export function takeOverService(parts: StationParts, p: number): boolean {
  const { likePods, index, state, counters } = parts;
  const { pod, slot } = state;
  const like = likePods[p] as number;
  if (like < 0) return false;
  const isSame =
    pod.capacityCores[p] === pod.capacityCores[like] &&
    pod.servedShare[like] === 1 &&
    pod.rejectShare[like] === 0;
  if (!isSame) {
    likePods[p] = -1;
    return false;
  }
  const from = index.firstSlot[like] as number;
  const until = index.firstSlot[like + 1] as number;
  const to = index.firstSlot[p] as number;
  slot.served.copyWithin(to, from, until);
  slot.backlog.copyWithin(to, from, until);
  slot.ownMs.copyWithin(to, from, until);
  slot.ownVarianceMs2.copyWithin(to, from, until);
  let arrivals = 0;
  for (let i = from; i < until; i += 1) arrivals += slot.arrivals[i] as number;
  counters.arrived += arrivals;
  for (const column of servedColumns) pod[column][p] = pod[column][like] as number;
  return true;
}

/** What serving a pod writes. */
const servedColumns = [
  'servedShare',
  'rejectShare',
  'cpuCores',
  'throttledRatio',
  'utilisation',
  'standing',
  'memoryMs',
  'backlogWaitMs',
  'backlogVarianceMs2',
] as const;
