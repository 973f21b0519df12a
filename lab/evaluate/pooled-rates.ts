import type { Figure, Scorecard } from '../../core/truth/index.ts';
import { poissonRateFigure } from '../statistics/statistics.ts';

/** All false incidents of healthy time over all of that time, per day. */
export function falseAlarmRate(
  detections: readonly Pick<Scorecard['detection'], 'falseIncidentsPerDay' | 'healthyHours'>[],
): Figure {
  let events = 0;
  let hours = 0;
  for (const { falseIncidentsPerDay, healthyHours } of detections) {
    events += ((falseIncidentsPerDay ?? 0) * healthyHours) / 24;
    hours += healthyHours;
  }
  return poissonRateFigure(Math.round(events), { total: hours, unit: 24 }, detections.length);
}

/**
 * One value per incident (duplicates apart): 1 right, 0 false, so that the mean is TP / (TP + FP).
 */
export function incidentVerdicts({
  truePositives,
  falsePositives,
}: Pick<Scorecard['detection'], 'truePositives' | 'falsePositives'>): number[] {
  return [
    ...new Array<number>(truePositives).fill(1),
    ...new Array<number>(falsePositives).fill(0),
  ];
}
