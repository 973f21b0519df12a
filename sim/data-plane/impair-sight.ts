import type { Cause } from '../../core/truth/index.ts';

/** What may happen to one attempt on its way. */
export interface WayView {
  readonly delayMs: number;
  readonly stallShare: number;
  readonly stallMs: number;
  readonly cutShare: number;
  readonly refusedShare: number;
  readonly cause: Cause | null;
}

/** What may happen to one request at its pod. */
export interface WorkView {
  /** Share that fails because of it. */
  readonly errorShare: number;
  readonly stallShare: number;
  readonly stallMs: number;
  readonly cause: Cause;
}

/** How often a call is made, and how patiently. */
export interface CallPractice {
  readonly count: number;
  readonly retries: number;
  readonly timeoutMs: number;
}

/** What telemetry may know of what is wrong, by names. */
export interface ImpairSight {
  /** The way of a call (by its number) from a zone (or `user`) to a pod; null where all is well. */
  way(fromZone: string, uid: string, link: number): WayView | null;
  /** The way out of a pod; null where all is well. */
  leaving(uid: string): WayView | null;
  /** How a call (by its number) is made at present. */
  policy(link: number): CallPractice;
  /** Records that the consumers of a service have not read because of it. */
  lag(service: string): number;
  /** What is wrong with a pod or its ways, whatever it is; null where nothing is. */
  causeOf(uid: string): Cause | null;
  /** How far the clock of a pod's node is ahead, in ms. */
  clockOffsetMs(uid: string): number;
  /** What is wrong with one operation of a pod; null where nothing is. */
  work(uid: string, position: number): WorkView | null;
}

/** Two parts of one way, one after the other. */
export function joinWays(near: WayView | null, far: WayView | null): WayView | null {
  if (near === null || far === null) return near ?? far;
  const either = (a: number, b: number): number => 1 - (1 - a) * (1 - b);
  return {
    delayMs: near.delayMs + far.delayMs,
    stallShare: either(near.stallShare, far.stallShare),
    stallMs: Math.max(near.stallMs, far.stallMs),
    cutShare: either(near.cutShare, far.cutShare),
    refusedShare: either(near.refusedShare, far.refusedShare),
    cause: near.refusedShare > 0 ? near.cause : far.cause,
  };
}
