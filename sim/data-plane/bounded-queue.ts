import { erlangC } from './queueing.ts';

/** A station that holds a bounded number of requests, those that wait elsewhere included. */
export interface BoundedLoad {
  /** Requests that it may hold. */
  places: number;
  /** Work that arrives, turned away or not, over what can be done; may be above 1. */
  utilisation: number;
  /** Whole number of servers. */
  servers: number;
  /** Ratio of the geometric queue beyond the servers, at that utilisation. */
  queueRatio: number;
  /** Requests that would be elsewhere (callees, disks) if none were turned away. */
  elsewhere: number;
}

/** What the bound does, in the stationary state. */
export interface BoundedQueue {
  /** Share of arrivals that finds every place taken (0 to 1). */
  blockedShare: number;
  /** Share of the servers' time left idle (0 to 1). */
  idleShare: number;
  /** Mean number at the servers. */
  present: number;
  /** First and second moment of the wait of those let in, over those without a bound. */
  waitFactor: number;
  waitFactor2: number;
}

/** More places than this are treated as a fluid. */
export const placesMax = 512;

/** Chances, and distances of the utilisation from 1, below this are rounding. */
export const negligible = 1e-6;

const elsewhere = new Float64Array(placesMax + 1);
const atMost = new Float64Array(placesMax + 1);

/** An idle station, to be filled in and reused. */
export function createBoundedLoad(): BoundedLoad {
  return { places: 0, utilisation: 0, servers: 1, queueRatio: 0, elsewhere: 0 };
}

export function createBoundedQueue(): BoundedQueue {
  return { blockedShare: 0, idleShare: 0, present: 0, waitFactor: 1, waitFactor2: 1 };
}

/**
 * Whether the bound matters: false when practically nobody ever finds every place taken. Costs a
 * few divisions.
 */
export function isBounded(load: Readonly<BoundedLoad>): boolean {
  const { places, utilisation, servers, queueRatio, elsewhere: away } = load;
  if (utilisation >= 1) return true;
  const offered = away + servers * utilisation;
  return places < 10 + offered + 6 * Math.sqrt(offered) + 14 / (1 - queueRatio);
}

/**
 * Truncates the product form of a queue (geometric beyond its servers) and a delay (Poisson) at the
 * places there are. Exact for exponential demand, first come first served or shared (M/M/c/K, and
 * Erlang's loss formula for the delay alone); with other demand as good as the geometric tail.
 * Costs one pass over the places; a fluid above 512 of them.
 */
export function boundQueue(out: BoundedQueue, load: Readonly<BoundedLoad>): void {
  const places = Math.max(1, Math.floor(load.places));
  if (places > placesMax || load.elsewhere > placesMax) {
    boundFluid(out, load);
    return;
  }
  const { utilisation, servers, queueRatio } = load;
  let term = 1;
  let sum = 0;
  for (let n = 0; n <= places; n += 1) {
    if (n > 0) term *= load.elsewhere / n;
    sum += term;
    elsewhere[n] = term;
    atMost[n] = sum;
  }
  let all = 0;
  let full = 0;
  let idle = 0;
  let present = 0;
  let seen = 0;
  let waits = 0;
  let squares = 0;
  const growth = queueRatio > 1 ? 1 / queueRatio : 1;
  let weight = 1;
  // Weights relative to the largest, so that growing queues stay within range.
  for (let n = 1; n < places && queueRatio > 1; n += 1) weight *= growth;
  const offered = servers * utilisation;
  const jump = utilisation === 1 ? 1 : (1 - queueRatio) / (1 - utilisation);
  for (let n = 0; n <= places; n += 1) {
    if (n > 0)
      weight *= n < servers ? offered / n : n === servers ? utilisation * jump : queueRatio;
    const share = weight * (atMost[places - n] as number);
    all += share;
    full += weight * (elsewhere[places - n] as number);
    idle += share * Math.max(0, 1 - n / servers);
    present += share * n;
    if (n === places) continue;
    const before = weight * (atMost[places - 1 - n] as number);
    const ahead = Math.max(0, n + 1 - servers);
    seen += before;
    waits += before * ahead;
    squares += before * ahead * (ahead + 1);
  }
  if (!(all > 0 && seen > 0)) {
    boundFluid(out, load);
    return;
  }
  out.blockedShare = full / all;
  out.idleShare = idle / all;
  out.present = present / all;
  const free = 1 - queueRatio;
  const freeWaits = utilisation < 1 ? erlangC(servers, utilisation) / free : 1;
  out.waitFactor = free > 0 ? waits / seen / freeWaits : 1;
  out.waitFactor2 = free > 0 ? (squares / seen) * (free / (2 * freeWaits)) : 1;
}

/** Chance averages out: what exceeds the servers or the places is turned away. */
function boundFluid(out: BoundedQueue, load: Readonly<BoundedLoad>): void {
  const { places, utilisation, servers, elsewhere: away } = load;
  const served = utilisation > 1 ? 1 / utilisation : 1;
  const held = away + servers * utilisation;
  const letIn = Math.min(served, held > places ? places / held : 1);
  out.blockedShare = 1 - letIn;
  out.idleShare = Math.max(0, 1 - utilisation * letIn);
  const isFull = letIn === served && utilisation > 1;
  // Below its places stands the mirror image of the queue at the inverse utilisation.
  const belowPlaces = Math.min(0.5 * places, 1 / Math.max(1e-9, utilisation - 1));
  out.present = isFull
    ? Math.max(0, places - away * letIn - belowPlaces)
    : servers * utilisation * letIn;
  out.waitFactor = 1;
  out.waitFactor2 = 1;
}
