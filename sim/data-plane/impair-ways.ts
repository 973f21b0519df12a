/** What impairments do to ways. */
import type { Impairment } from '../impairments/impairment.ts';
import type { Columns } from './columns.ts';
import { add, unite } from './impair-columns.ts';

export const wayFields = [
  'delayMs',
  'varianceMs2',
  'stallShare',
  'stallMs',
  'cutShare',
  'refusedShare',
] as const;

/** What happens on a way: time added, the share that hangs, gets lost or is turned away. */
export type Ways = Columns<(typeof wayFields)[number]>;

type Way = Record<(typeof wayFields)[number], number>;

/** Segments of a request and its answer that must arrive. */
const segments = 6;
/** The shortest time after which TCP sends again (Linux, TCP_RTO_MIN); it doubles each time. */
const retransmitMs = 200;
/** Heavier losses count as this: at one half, time-outs that double would never end. */
const lossMax = 0.45;
/** Service time of the M/M/1 queue that stands for a shaper; an assumption. */
const burstMs = 20;
/** What a shaper queues before it drops, as tc's token bucket is usually set up. */
const shaperQueueMs = 400;

/** Segments that a request and its answer lose at this loss (0 to 1), resent ones included. */
export function segmentsLost(loss: number): number {
  const share = Math.min(lossMax, loss);
  return (segments * share) / (1 - share);
}

/** What an impairment does to a way; null where it leaves ways alone. */
export function wayOf(
  { amounts, scope }: Impairment,
  strength: number,
  offered: number,
): Way | null {
  const { delayMs = 0, jitterMs = 0, cutShare = 0, refusedShare = 0 } = amounts;
  const loss = Math.min(lossMax, (amounts.packetLoss ?? 0) * strength);
  const way: Way = {
    delayMs: delayMs * strength,
    varianceMs2: jitterMs * jitterMs * strength,
    stallShare: 0,
    stallMs: 0,
    cutShare: cutShare * strength,
    refusedShare: refusedShare * strength,
  };
  if (loss > 0) {
    // Each segment that is lost costs a time-out, and a later loss of the same one twice that.
    way.stallShare = 1 - Math.exp(segments * Math.log(1 - loss));
    way.stallMs = retransmitMs / (1 - 2 * loss);
    way.cutShare = 1 - (1 - way.cutShare) * (1 - loss * loss * loss);
  }
  if (amounts.bytesPerSec)
    narrow(way, amounts.bytesPerSec, (amounts.bytesPerRequest ?? 0) * offered);
  if (amounts.stallShare && scope.kind !== 'work') {
    way.stallShare = 1 - (1 - way.stallShare) * (1 - amounts.stallShare * strength);
    way.stallMs = Math.max(way.stallMs, amounts.stallMs ?? 0);
  }
  return isFelt(way) ? way : null;
}

function isFelt({ delayMs, varianceMs2, stallShare, cutShare, refusedShare }: Way): boolean {
  return delayMs + varianceMs2 + stallShare + cutShare + refusedShare > 0;
}

/** A shaper at utilisation u delays like M/M/1; beyond 1 its queue is full and the rest dropped. */
function narrow(way: Way, bytesPerSec: number, wanted: number): void {
  const utilisation = wanted / bytesPerSec;
  const queued = utilisation < 1 ? (burstMs * utilisation) / (1 - utilisation) : shaperQueueMs;
  way.delayMs += Math.min(shaperQueueMs, queued);
  if (utilisation > 1) way.cutShare = 1 - (1 - way.cutShare) / utilisation;
}

export function addWay(ways: Ways, at: number, way: Way): void {
  add(ways.delayMs, at, way.delayMs, 1);
  add(ways.varianceMs2, at, way.varianceMs2, 1);
  unite(ways.stallShare, at, way.stallShare, 1);
  ways.stallMs[at] = Math.max(ways.stallMs[at] as number, way.stallMs);
  unite(ways.cutShare, at, way.cutShare, 1);
  unite(ways.refusedShare, at, way.refusedShare, 1);
}
