import type { Scorecard } from '../core/truth/index.ts';
import { durationText, missing, numberText } from './number-text.ts';

type Criterion = Scorecard['resilience']['criteria'][number];

/** How the run ended, in words. */
export function outcomeText(scorecard: Scorecard): string {
  const { outcome, healing } = scorecard;
  switch (outcome) {
    case 'healthy':
      return 'healthy: users never noticed anything';
    case 'recovered':
      return healing.timeToRecoverMs === null
        ? 'recovered'
        : `recovered ${durationText(healing.timeToRecoverMs)} after users began to notice`;
    case 'degraded':
      return 'degraded: still broken at the end, at least half of the requests good';
    case 'lost':
      return 'lost: less than half of the requests good at the end';
    case 'timed_out':
      return 'timed out: the loop ran out of its budget';
  }
}

/** A criterion's value in the unit of its limit: a duration where the limit is one. */
export function criterionValue({ limit, value }: Criterion): string {
  if (value === null) return missing;
  if (/\d+ (ms|s|m|h|d)\b/.test(limit)) return durationText(value);
  return value > 0 && value < 1 ? value.toFixed(4) : numberText(value);
}

/** A criterion's limit with the signs that people write. */
export function criterionLimit({ limit }: Criterion): string {
  return limit.replace('<=', '≤').replace('>=', '≥');
}
