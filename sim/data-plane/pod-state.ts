import { copyColumns, createColumns, type RowRun, rearrangeColumns } from './columns.ts';
import { createOwnSums, type OwnSums, rearrangeOwnSums } from './own-sums.ts';
import { eachRun } from './pod-match.ts';
import type { SlotSums } from './slot-sums.ts';
import type { Earlier, TopologyIndex } from './topology-index.ts';

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
  /**
   * Sums over the scrape window, per slot; a closed window keeps them until the next one closes.
   */
  sums: OwnSums;
  lastClosed: SlotSums | null;
}

/** Columns for pods without a process yet: no start time (NaN), nothing turned away. */
export function createPodState(podCount: number, slotCount: number): PodState {
  const pod = createColumns(podFields, podCount);
  forgetPods(pod, 0, podCount);
  return {
    pod,
    slot: createColumns(slotFields, slotCount),
    sums: createOwnSums(slotCount),
    lastClosed: null,
  };
}

/** Of columns that are zero otherwise. */
function forgetPods(pod: PodColumns, from: number, until: number): void {
  pod.startedUs.fill(Number.NaN, from, until);
  pod.admitShare.fill(1, from, until);
  pod.servedShare.fill(1, from, until);
}

export function copyPodState(from: PodState): PodState {
  return {
    pod: copyColumns(podFields, from.pod),
    slot: copyColumns(slotFields, from.slot),
    sums: from.sums.slice(),
    lastClosed: null,
  };
}

/** The numbers that pods had, null before the first ones, and those that they have now. */
export interface Renumbering {
  readonly earlier: Earlier | null;
  readonly now: TopologyIndex;
}

/** What became of pods under new numbers. */
export interface CarriedPods {
  readonly state: PodState;
  /** Requests that waited in vanished pods. */
  readonly lost: number;
  /** Where slots have gone; null where all kept their numbers. */
  readonly slotRuns: readonly RowRun[] | null;
}

/** Carries pods to their new numbers, in the memory of the state before, which is void then. */
export function carryPods({ earlier, now }: Renumbering, from: PodState): CarriedPods {
  const pods = now.pods.length;
  const slots = now.slotOperation.length;
  if (earlier === null) return { state: createPodState(pods, slots), lost: 0, slotRuns: [] };
  if (earlier.match.isInPlace && earlier.index.slotOperation.length === slots) {
    return { state: from, lost: 0, slotRuns: null };
  }
  const { before, gone } = earlier.match;
  const lost = lostWith(gone, earlier.index, from);
  const podRuns: RowRun[] = [];
  eachRun(before, (run) => podRuns.push(run));
  const slotRuns = podRuns.map((run) => slotsOf(run, earlier.index, now));
  const pod = rearrangeColumns(podFields, from.pod, pods, podRuns);
  for (const { first, to, count } of podRuns) if (first < 0) forgetPods(pod, to, to + count);
  return {
    state: {
      pod,
      slot: rearrangeColumns(slotFields, from.slot, slots, slotRuns),
      sums: rearrangeOwnSums(from.sums, slots, slotRuns),
      lastClosed: from.lastClosed,
    },
    lost,
    slotRuns,
  };
}

/** The slots of a run of pods. */
function slotsOf({ first, to, count }: RowRun, before: TopologyIndex, now: TopologyIndex): RowRun {
  const start = now.firstSlot[to] as number;
  return {
    first: first < 0 ? -1 : (before.firstSlot[first] as number),
    to: start,
    count: (now.firstSlot[to + count] as number) - start,
  };
}

/** Requests that waited in pods that are gone. */
function lostWith(gone: Int32Array, { firstSlot }: TopologyIndex, { slot }: PodState): number {
  let lost = 0;
  for (const p of gone) {
    for (let i = firstSlot[p] as number; i < (firstSlot[p + 1] as number); i += 1) {
      lost += slot.backlog[i] as number;
    }
  }
  return lost;
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
