import { copyColumns, createColumns, moveRows } from './columns.ts';
import { createFlowSums, type FlowSums, moveFlows } from './flow-sums.ts';
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
  sums: FlowSums;
  lastClosed: SlotSums | null;
}

/**
 * Columns for pods without a process yet: no start time (NaN), nothing turned away. A state that
 * nobody reads any more lends its memory: large tables that come and go call for full collections.
 */
export function createPodState(
  podCount: number,
  slotCount: number,
  unused: PodState | null = null,
): PodState {
  const pod = createColumns(podFields, podCount, unused?.pod);
  pod.startedUs.fill(Number.NaN);
  pod.admitShare.fill(1);
  pod.servedShare.fill(1);
  return {
    pod,
    slot: createColumns(slotFields, slotCount, unused?.slot),
    sums: createFlowSums(slotCount, unused?.sums),
    lastClosed: null,
  };
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
  /** The number that each slot had, −1 where it is new; null where all kept theirs. */
  readonly slotsBefore: Int32Array | null;
}

/** Carries pods over to their new numbers. */
export function carryPods(
  { earlier, now }: Renumbering,
  from: PodState,
  unused: PodState | null,
): CarriedPods {
  const slots = now.slotOperation.length;
  if (earlier?.match.isInPlace && earlier.index.slotOperation.length === slots) {
    return { state: from, lost: 0, slotsBefore: null };
  }
  const state = createPodState(now.pods.length, slots, unused);
  const slotsBefore = new Int32Array(slots).fill(-1);
  if (earlier === null) return { state, lost: 0, slotsBefore };
  const { before, gone } = earlier.match;
  const { firstSlot } = earlier.index;
  eachRun(before, (pods) => {
    if (pods.first < 0) return;
    const rows = {
      first: firstSlot[pods.first] as number,
      to: now.firstSlot[pods.to] as number,
      count: (firstSlot[pods.first + pods.count] as number) - (firstSlot[pods.first] as number),
    };
    moveRows(podFields, { from: from.pod, to: state.pod }, pods);
    moveRows(slotFields, { from: from.slot, to: state.slot }, rows);
    moveFlows({ from: from.sums, to: state.sums }, rows);
    for (let i = 0; i < rows.count; i += 1) slotsBefore[rows.to + i] = rows.first + i;
  });
  return { state, lost: lostWith(gone, earlier.index, from), slotsBefore };
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
