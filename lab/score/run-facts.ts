import type { ActionOutcome } from '../../core/observable/index.ts';
import { bucketCount, harmFromMs, type RunRecord, type Scorecard } from '../../core/truth/index.ts';
import { isInBand, lastingRecovery } from '../sli.ts';

export type JudgedIncidents = Scorecard['detection']['incidents'];

/** Actions that were played, in order; what the guard refused is not among them. */
export function playedActions(record: RunRecord): ActionOutcome[] {
  return record.events.flatMap((event) => (event.type === 'acted' ? [event.outcome] : []));
}

/** Actions that changed something, in order. */
export function effectiveActions(record: RunRecord): ActionOutcome[] {
  return playedActions(record).filter(({ outcome }) => outcome === 'done' || outcome === 'partial');
}

/**
 * When users first broke in the healed run; null when the loop kept them whole or nothing was
 * wrong. It is the true onset, later when the loop acted in time, earlier when acting did the harm.
 */
export function brokeAtMs(record: RunRecord): number | null {
  const { onsetMs } = record.truth;
  if (onsetMs === null) return null;
  const fromMs = harmFromMs(record, onsetMs);
  const { healed, noFault } = record.sli;
  for (let i = 0; i < bucketCount(healed); i += 1) {
    const bucketMs = healed.startMs + i * healed.stepMs;
    if (bucketMs + healed.stepMs <= fromMs) continue;
    if (!isInBand(healed, noFault, record.sliTolerance, i)) return Math.max(bucketMs, fromMs);
  }
  return null;
}

/** When the healed run's users were back in the band for good; null when never, or never broken. */
export function recoveredAtMs(record: RunRecord): number | null {
  const brokenMs = brokeAtMs(record);
  if (brokenMs === null) return null;
  const { healed, noFault } = record.sli;
  return lastingRecovery({
    series: healed,
    noFault,
    tolerance: record.sliTolerance,
    fromMs: brokenMs,
  });
}
