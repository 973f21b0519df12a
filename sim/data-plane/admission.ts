import {
  boundQueue,
  createBoundedLoad,
  createBoundedQueue,
  isBounded,
  negligible,
} from './bounded-queue.ts';
import type { CallParts } from './call-state.ts';
import { clockedRate } from './completions.ts';
import type { PodState } from './pod-state.ts';
import { queueRatioOf } from './queueing.ts';
import {
  addOffered,
  createOffered,
  isShared,
  type StationParts,
  slotsOf,
} from './station-parts.ts';

const offered = createOffered();
const bound = createBoundedLoad();
const queue = createBoundedQueue();

/**
 * Finds how a pod's bound on requests in flight acts on what arrives: which share is turned away
 * below saturation, how long the queue gets above it, and how much shorter waits are than without a
 * bound. Answers the cores that the pod now wants.
 */
export function admit(parts: StationParts, p: number): number {
  const { index, state } = parts;
  const { pod, slot } = state;
  addOffered(offered, parts, p);
  const limit = index.cpuLimitCores[p] as number;
  const capacity = pod.capacityCores[p] as number;
  setBound(parts, p, capacity > 0 ? capacity : limit);
  pod.offeredUtilisation[p] = bound.utilisation;
  letAllIn(pod, p);
  const standing = pod.standing[p] as number;
  pod.backlogMax[p] = Math.max(0, bound.places - offered.elsewhere - standing);
  const isTight = isBounded(bound);
  pod.isTight[p] = isTight ? 1 : 0;
  if (isTight) {
    boundQueue(queue, bound);
    const clockedPerSec = pod.clockedPerSec[p] as number;
    pod.freeShare[p] = queue.blockedShare > negligible ? 1 - queue.blockedShare : 1;
    pod.waitFactor[p] = queue.waitFactor;
    pod.waitFactor2[p] = queue.waitFactor2;
    if (clockedPerSec > 0) pod.admitShare[p] = Math.min(1, clockedPerSec / offered.requests);
    else if (bound.utilisation < 1) pod.admitShare[p] = pod.freeShare[p] as number;
    else {
      pod.idleShare[p] = queue.idleShare;
      pod.backlogMax[p] = Math.max(0, queue.present - standing);
    }
    if (bound.utilisation >= 1) boundStanding(parts, p);
  }
  let backlogMs = 0;
  const first = index.firstSlot[p] as number;
  for (let i = first; i < (index.firstSlot[p + 1] as number); i += 1) {
    backlogMs += (slot.backlog[i] as number) * (offered.slotMs[i - first] as number);
  }
  return Math.min(limit, (backlogMs + offered.workMs * (pod.admitShare[p] as number)) / 1000);
}

/** What the bound does to a pod that is far from it: nothing. */
export function letAllIn(pod: PodState['pod'], p: number): void {
  pod.admitShare[p] = 1;
  pod.idleShare[p] = 0;
  pod.waitFactor[p] = 1;
  pod.waitFactor2[p] = 1;
}

function setBound(parts: StationParts, p: number, cores: number): void {
  bound.places = slotsOf(parts, p);
  bound.servers = Math.max(1, Math.round(cores));
  bound.elsewhere = offered.elsewhere;
  setUtilisation(Math.min(1e6, offered.workMs / (1000 * cores)), isShared(parts, p));
}

function setUtilisation(wanted: number, shared: boolean): void {
  // The geometric family has a limit of its own at 1; a hair beside it is as good.
  const utilisation = Math.abs(1 - wanted) < negligible ? 1 - negligible : wanted;
  bound.utilisation = utilisation;
  bound.queueRatio =
    utilisation < 1
      ? queueRatioOf(utilisation, offered.scv, shared)
      : 1 / queueRatioOf(1 / utilisation, offered.scv, shared);
}

/** Above saturation the number present stands below its bound by a queue like the mirrored one. */
function boundStanding(parts: StationParts, p: number): void {
  const { pod } = parts.state;
  const utilisation = pod.utilisation[p] as number;
  if (utilisation <= 0) return;
  setUtilisation(utilisation, isShared(parts, p));
  bound.elsewhere = 0;
  if (!isBounded(bound)) return;
  boundQueue(queue, bound);
  pod.waitFactor[p] = queue.waitFactor;
  pod.waitFactor2[p] = queue.waitFactor2;
}

/**
 * After a tick: what the next one turns away where the bound is tight, in the light of the answers
 * that just came. Callers whose slots wait for a slow callee would swing against it if they learnt
 * of it a second late, or did not mind what it completes.
 */
export function foreseeAdmission(parts: StationParts & CallParts): void {
  const { part, reachable, state } = parts;
  const { pod } = state;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (pod.isTight[p] !== 1 || !reachable.alive[p]) continue;
    const before = 1 - (pod.rejectShare[p] as number);
    pod.clockedPerSec[p] = 0;
    admit(parts, p);
    if (pod.isTight[p] !== 1) continue;
    const completed = offered.requests * before * completedShare(parts, p);
    const { elsewhere } = offered;
    if (completed > 0 && elsewhere > (pod.standing[p] as number)) {
      pod.clockedPerSec[p] = clockedRate({
        completed,
        target: offered.requests * (pod.freeShare[p] as number),
        holdMs: (1000 * elsewhere) / offered.requests,
        isFed: true,
      });
      pod.admitShare[p] = Math.min(1, (pod.clockedPerSec[p] as number) / offered.requests);
    } else if ((pod.offeredUtilisation[p] as number) >= 1) continue;
    pod.rejectShare[p] = 1 - (pod.admitShare[p] as number);
  }
}

/** Completions per request let in: other than 1 while a callee has more to do than it can. */
function completedShare({ index, state, completions }: CallParts, p: number): number {
  if (!completions.isSaturated) return 1;
  const { slotOperation, firstSlot } = index;
  let arrivals = 0;
  let completed = 0;
  for (let i = firstSlot[p] as number; i < (firstSlot[p + 1] as number); i += 1) {
    const o = slotOperation[i] as number;
    arrivals += state.slot.arrivals[i] as number;
    completed += (state.slot.arrivals[i] as number) * (completions.ofCalls[o] as number);
  }
  return arrivals > 0 ? completed / arrivals : 0;
}
