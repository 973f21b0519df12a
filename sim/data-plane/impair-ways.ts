/** What impairments do to ways, and how what several of them do adds up. */
import type { Impairment } from '../impairments/impairment.ts';
import type { Columns } from './columns.ts';

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

interface Way {
  delayMs: number;
  varianceMs2: number;
  stallShare: number;
  stallMs: number;
  cutShare: number;
  refusedShare: number;
}

/** Segments of a request and its answer that must arrive. */
const segments = 6;
/** The shortest time after which TCP sends again (Linux, TCP_RTO_MIN); it doubles each time. */
const retransmitMs = 200;
/** What a shaper queues before it drops, as tc's token bucket is usually set up. */
const shaperQueueMs = 400;

/** What an impairment does to a way; null where it leaves ways alone. */
export function wayOf(
  { amounts, scope }: Impairment,
  strength: number,
  offered: number,
): Way | null {
  const { delayMs = 0, jitterMs = 0, cutShare = 0, refusedShare = 0 } = amounts;
  const loss = Math.min(0.45, (amounts.packetLoss ?? 0) * strength);
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
  const { delayMs: d, varianceMs2, stallShare, cutShare: c, refusedShare: r } = way;
  return d + varianceMs2 + stallShare + c + r > 0 ? way : null;
}

/** A shaper at utilisation u delays like M/M/1; beyond 1 its queue is full and the rest dropped. */
function narrow(way: Way, bytesPerSec: number, wanted: number): void {
  const utilisation = wanted / bytesPerSec;
  const queued = utilisation < 1 ? (20 * utilisation) / (1 - utilisation) : shaperQueueMs;
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

export function add(
  column: Float64Array,
  i: number,
  amount: number | undefined,
  strength: number,
): void {
  if (amount) column[i] = (column[i] as number) + amount * strength;
}

export function multiply(
  column: Float64Array,
  i: number,
  factor: number | undefined,
  strength: number,
): void {
  if (factor) column[i] = (column[i] as number) * (1 + (factor - 1) * strength);
}

/** Two shares that hit independently. */
export function unite(
  column: Float64Array,
  i: number,
  share: number | undefined,
  strength: number,
): void {
  if (share) column[i] = 1 - (1 - (column[i] as number)) * (1 - share * strength);
}
