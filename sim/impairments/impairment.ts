import type { ComponentId } from '../../core/observable/index.ts';
import type { Cause } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';

/** What an impairment may do, and how much of it; every amount is 0 or absent where it does not. */
export interface Amounts {
  /** Own work of requests: factor on CPU time, added waiting, and the share that fails. */
  readonly cpuFactor?: number;
  readonly waitMs?: number;
  readonly errorShare?: number;
  /** Share of requests that hang for `stallMs` more: at their pod, or on the way. */
  readonly stallShare?: number;
  readonly stallMs?: number;
  /** Cores that something else takes inside each pod, and on each node. */
  readonly podCores?: number;
  readonly nodeCores?: number;
  /** Memory that something else takes inside each pod, and memory that grows. */
  readonly podBytes?: number;
  readonly podBytesPerSec?: number;
  /** Factor on the memory of each request in flight. */
  readonly inFlightFactor?: number;
  /** Share of the slots for requests that is taken (0 to 1). */
  readonly takenShare?: number;
  /**
   * The way there and back: delay, its standard deviation, lost packets, attempts cut or refused.
   */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly packetLoss?: number;
  readonly cutShare?: number;
  readonly refusedShare?: number;
  /** What a link carries, and what a request there and back weighs. */
  readonly bytesPerSec?: number;
  readonly bytesPerRequest?: number;
  /** Share of the requests that a cache would have answered and does not. */
  readonly missShare?: number;
  /** Attempts beyond those of the call's own policy, and the time-out that replaces its own. */
  readonly extraRetries?: number;
  readonly timeoutMs?: number;
  /** Requests per second from clients that are no users. */
  readonly hostilePerSec?: number;
  /** How far a clock is ahead. */
  readonly offsetMs?: number;
  /** Records per second that a consumer falls behind. */
  readonly lagPerSec?: number;
}

/** Which pods: all conditions hold; empty and null mean any. */
export interface PodPlace {
  readonly service: string;
  readonly operation: string;
  /** `workload@tag`. */
  readonly release: string;
  readonly zone: string;
  readonly nodes: readonly string[] | null;
  /** Uids. */
  readonly pods: readonly string[] | null;
}

/** Where it acts: on work in pods, on the ways into and out of them, or between two services. */
export type Scope =
  | { readonly kind: 'work'; readonly at: PodPlace }
  | { readonly kind: 'ways'; readonly at: PodPlace }
  /** Empty `from`: every caller; `user`: users, whose journey `operation` may name. */
  | {
      readonly kind: 'calls';
      readonly from: string;
      readonly to: string;
      readonly operation: string;
    };

/** How it comes and goes. */
export interface Course {
  readonly sinceMs: number;
  /** It grows linearly over this time … */
  readonly rampMs: number;
  /** … fades with this half-life (0: it does not) … */
  readonly halfLifeMs: number;
  /** … and is there for `dutyShare` of each period (0: always). */
  readonly periodMs: number;
  readonly dutyShare: number;
  /** Each process begins at its own start. */
  readonly perProcess: boolean;
  /** Null: until somebody ends it. */
  readonly endMs: number | null;
}

/** An impairment that holds as long as a ConfigMap says so. */
export interface Hold {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

/** One thing that is wrong with machines, software or the network; never changes once made. */
export interface Impairment {
  /** Tells equal ones apart: the fault or procedure that made it. */
  readonly key: string;
  readonly cause: Cause;
  /** What a procedure must be run on to end it. */
  readonly target: ComponentId;
  readonly scope: Scope;
  readonly amounts: Amounts;
  readonly course: Course;
  readonly hold: Hold | null;
}

export const anyPod: PodPlace = {
  service: '',
  operation: '',
  release: '',
  zone: '',
  nodes: null,
  pods: null,
};

/** Whether the place means the pod. */
export function isAt(pod: PodView, { service, release, zone, nodes, pods }: PodPlace): boolean {
  return (
    (service === '' || pod.service === service) &&
    (release === '' || `${pod.workload}@${pod.release}` === release) &&
    (zone === '' || pod.zone === zone) &&
    (nodes === null || nodes.includes(pod.node)) &&
    (pods === null || pods.includes(pod.uid))
  );
}

/** At full strength from `sinceMs` until `endMs`. */
export function steadyCourse(sinceMs: number, endMs: number | null): Course {
  return {
    sinceMs,
    rampMs: 0,
    halfLifeMs: 0,
    periodMs: 0,
    dutyShare: 1,
    perProcess: false,
    endMs,
  };
}

/** Whether its strength depends on time. */
function isMoving({ rampMs, halfLifeMs, periodMs, perProcess }: Course): boolean {
  return rampMs > 0 || halfLifeMs > 0 || periodMs > 0 || perProcess;
}

/** Whether what it does depends on time: it comes and goes by itself, or grows. */
export function isChanging({ course, amounts }: Impairment): boolean {
  return (
    isMoving(course) ||
    amounts.bytesPerSec !== undefined ||
    amounts.podBytesPerSec !== undefined ||
    amounts.lagPerSec !== undefined
  );
}

/** Its strength (0 to 1) at an instant, for a process that started at `startedMs`. */
export function strengthAt(course: Course, atMs: number, startedMs: number): number {
  const { sinceMs, rampMs, halfLifeMs, periodMs, dutyShare, perProcess } = course;
  const ageMs = atMs - (perProcess ? Math.max(sinceMs, startedMs) : sinceMs);
  if (!(ageMs >= 0)) return 0;
  if (periodMs > 0 && ageMs % periodMs >= dutyShare * periodMs) return 0;
  const risen = rampMs > 0 ? Math.min(1, ageMs / rampMs) : 1;
  return halfLifeMs > 0 ? risen * Math.exp((-Math.LN2 * ageMs) / halfLifeMs) : risen;
}
