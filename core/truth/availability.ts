import type { RunRecord } from './run-record.ts';
import { demandOf, lostRequests, offeredRequests } from './sli-series.ts';

/** Availability is counted from onset for this long. */
const windowMs = 3_600_000;

/** Good user requests over what users asked for, in the hour after onset, or in all of a healthy run. */
export function availabilityOf(
  { sli, truth, durationMs }: Pick<RunRecord, 'sli' | 'truth' | 'durationMs'>,
  run: 'healed' | 'unhealed',
): number {
  const fromMs = truth.onsetMs ?? 0;
  const untilMs = truth.onsetMs === null ? durationMs : Math.min(fromMs + windowMs, durationMs);
  const demand = demandOf(sli);
  const offered = offeredRequests(demand, { fromMs, untilMs });
  const lost = lostRequests(sli[run], demand, { fromMs, untilMs });
  return offered > 0 ? 1 - lost / offered : 1;
}
