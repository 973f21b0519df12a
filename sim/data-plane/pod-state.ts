import type { PodView } from '../cluster-view.ts';
import { copyColumns, createColumns, moveRows } from './columns.ts';
import { copyFlowSums, createFlowSums, type FlowSums, flowSumFields } from './flow-sums.ts';
import type { SlotSums } from './slot-sums.ts';
import type { TopologyIndex } from './topology-index.ts';

/**
 * What the data plane remembers of pods and of slots (one operation on one pod), as columns. All of
 * it travels with the pod when the cluster view changes and is copied by a fork.
 */
const podFields = [
  // Carried from tick to tick.
  'startedUs',
  'utilisation',
  'admitShare',
  'rejectShare',
  'servedShare',
  'memoryBytes',
  'capacityCores',
  // What it wants of its node.
  'wantedCores',
  // Requests that the station holds beside the backlog.
  'standing',
  // What may be let in while callees set the pace; 0 while they do not.
  'clockedPerSec',
  // How long the queue remembers, in ms.
  'memoryMs',
  // Of the last tick: what the bound on requests in flight does.
  'isTight',
  'freeShare',
  'offeredUtilisation',
  'idleShare',
  'backlogMax',
  'waitFactor',
  'waitFactor2',
  'cpuCores',
  'throttledRatio',
  'inFlight',
  'backlogWaitMs',
  'backlogVarianceMs2',
  'demandFactor',
  'leakBytes',
  'addedErrorRatio',
  // Sums over the scrape window.
  'sumTicks',
  'sumCpuCores',
  'sumThrottledRatio',
  'sumInFlight',
  // The most in the scrape window.
  'maxMemoryBytes',
] as const;

const slotFields = [
  // Carried from tick to tick: requests waiting, and the time of a request's calls.
  'backlog',
  'callMs',
  // Of the tick: expected and observed arrivals, and what became of them.
  'arrivals',
  'observed',
  'served',
  'rejected',
  'ownMs',
  'ownVarianceMs2',
] as const;

type PodColumns = Readonly<Record<(typeof podFields)[number], Float64Array>>;
type SlotColumns = Readonly<Record<(typeof slotFields)[number], Float64Array>>;

export interface PodState {
  readonly pod: PodColumns;
  readonly slot: SlotColumns;
  /** Sums over the scrape window, per slot; a closed window keeps them until the next one closes. */
  sums: FlowSums;
  lastClosed: SlotSums | null;
}

/** Columns for pods without a process yet: no start time (NaN), nothing turned away. */
export function createPodState(podCount: number, slotCount: number): PodState {
  const pod = createColumns(podFields, podCount);
  pod.startedUs.fill(Number.NaN);
  pod.admitShare.fill(1);
  pod.servedShare.fill(1);
  return {
    pod,
    slot: createColumns(slotFields, slotCount),
    sums: createFlowSums(slotCount),
    lastClosed: null,
  };
}

export function copyPodState(from: PodState): PodState {
  return {
    pod: copyColumns(podFields, from.pod),
    slot: copyColumns(slotFields, from.slot),
    sums: copyFlowSums(from.sums),
    lastClosed: null,
  };
}

/** What became of pods under new numbers. */
export interface CarriedPods {
  readonly state: PodState;
  /** Requests that waited in vanished pods. */
  readonly lost: number;
  /** The number that each slot had, −1 where it is new; null where all kept theirs. */
  readonly slotsBefore: Int32Array | null;
}

/** Carries pods over to their new numbers. */
export function carryPods(
  indexes: { before: TopologyIndex | null; now: TopologyIndex },
  from: PodState,
): CarriedPods {
  const { before, now } = indexes;
  if (before && hasSamePods(before, now)) return { state: from, lost: 0, slotsBefore: null };
  const state = createPodState(now.pods.length, now.slotOperation.length);
  const slotsBefore = new Int32Array(now.slotOperation.length).fill(-1);
  if (before === null) return { state, lost: 0, slotsBefore };
  let lost = 0;
  let next = 0;
  for (let p = 0; p < before.pods.length; ) {
    const to = numberNow({ before, now }, p, next);
    const count = to < 0 ? 1 : runLength({ before, now }, p, to);
    const first = before.firstSlot[p] as number;
    const until = before.firstSlot[p + count] as number;
    if (to < 0) for (let i = first; i < until; i += 1) lost += from.slot.backlog[i] as number;
    else {
      const slots = { first, to: now.firstSlot[to] as number, count: until - first };
      moveRows(podFields, { from: from.pod, to: state.pod }, { first: p, to, count });
      moveRows(slotFields, { from: from.slot, to: state.slot }, slots);
      moveRows(flowSumFields, { from: from.sums, to: state.sums }, slots);
      for (let i = 0; i < slots.count; i += 1) slotsBefore[slots.to + i] = first + i;
    }
    p += count;
    if (to >= 0) next = to + count;
  }
  return { state, lost, slotsBefore };
}

/** The present number of pod `p`, probably `next`; −1 where it is gone. */
function numberNow(
  { before, now }: { before: TopologyIndex; now: TopologyIndex },
  p: number,
  next: number,
): number {
  const { uid } = before.pods[p] as PodView;
  const found = now.pods[next]?.uid;
  if (found === uid) return next;
  return found !== undefined && found === before.pods[p + 1]?.uid ? -1 : now.numberOf(uid);
}

/** How many pods from number `p` on, and no longer, are neighbours after the change as well. */
function runLength(
  { before, now }: { before: TopologyIndex; now: TopologyIndex },
  p: number,
  to: number,
): number {
  let count = 1;
  while (before.pods[p + count] && before.pods[p + count]?.uid === now.pods[to + count]?.uid) {
    count += 1;
  }
  return count;
}

/** Most new views only tell of a pod what it does; then every row stays where it is. */
function hasSamePods(before: TopologyIndex, now: TopologyIndex): boolean {
  return (
    before.pods.length === now.pods.length &&
    before.slotOperation.length === now.slotOperation.length &&
    before.pods.every((pod, p) => pod.uid === now.pods[p]?.uid)
  );
}

/** Forgets everything that dies with a process; window sums stay. */
export function resetProcess(
  state: PodState,
  rows: { pod: number; fromSlot: number; untilSlot: number; startedUs: number },
): void {
  const { pod, slot } = state;
  pod.startedUs[rows.pod] = rows.startedUs;
  pod.utilisation[rows.pod] = 0;
  pod.admitShare[rows.pod] = 1;
  pod.rejectShare[rows.pod] = 0;
  pod.servedShare[rows.pod] = 1;
  pod.memoryBytes[rows.pod] = 0;
  pod.capacityCores[rows.pod] = 0;
  pod.standing[rows.pod] = 0;
  pod.clockedPerSec[rows.pod] = 0;
  for (let i = rows.fromSlot; i < rows.untilSlot; i += 1) {
    slot.backlog[i] = 0;
    slot.callMs[i] = 0;
  }
}
