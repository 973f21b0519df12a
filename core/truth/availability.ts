import type { RunRecord } from './run-record.ts';
import { demandOf, lostRequests, offeredRequests } from './sli-series.ts';

/** Availability is counted until this long after onset. */
const windowMs = 3_600_000;

/**
 * Good user requests over what users asked for: from onset, or from the healer's first action where
 * that came earlier, until an hour after onset; in a healthy run, from its beginning to its end.
 */
export function availabilityOf(
  record: Pick<RunRecord, 'sli' | 'truth' | 'durationMs' | 'events'>,
  run: 'healed' | 'unhealed',
): number {
  const { sli, truth, durationMs } = record;
  const { onsetMs } = truth;
  const fromMs = onsetMs === null ? 0 : run === 'healed' ? harmFromMs(record, onsetMs) : onsetMs;
  const untilMs = onsetMs === null ? durationMs : Math.min(onsetMs + windowMs, durationMs);
  const demand = demandOf(sli);
  const offered = offeredRequests(demand, { fromMs, untilMs });
  const lost = lostRequests(sli[run], demand, { fromMs, untilMs });
  return offered > 0 ? 1 - lost / offered : 1;
}

/**
 * From when users can be harmed in the healed run: onset, or the first action that did something.
 */
export function harmFromMs({ events }: Pick<RunRecord, 'events'>, onsetMs: number): number {
  const first = events.find(
    (event) =>
      event.type === 'acted' &&
      (event.outcome.outcome === 'done' || event.outcome.outcome === 'partial'),
  );
  return Math.min(onsetMs, first?.atMs ?? onsetMs);
}
