import type { Figure, OperatingCurvePoint } from '../../core/truth/index.ts';
import { rateFigure } from '../statistics/statistics.ts';
import type { TrialResult } from '../trial.ts';

/**
 * What each threshold gives over all trials, from the highest down; empty where none was recorded.
 */
export function poolOperatingPoints(results: readonly TrialResult[]): OperatingCurvePoint[] {
  const points = results.flatMap(({ scorecard }) => scorecard.detection.operatingPoints ?? []);
  const thresholds = [...new Set(points.map(({ threshold }) => threshold))].sort((a, b) => b - a);
  return thresholds.flatMap((threshold) => {
    const here = points.filter((point) => point.threshold === threshold);
    const faulty = here.filter(({ truePositive }) => truePositive !== null);
    const hits = faulty.filter(({ truePositive }) => truePositive === 1).length;
    const wrong = here.reduce((sum, { falseIncidents }) => sum + falseIncidents, 0);
    const hours = here.reduce((sum, { healthyHours }) => sum + healthyHours, 0);
    if (faulty.length === 0 || hours === 0) return [];
    return [
      {
        threshold,
        recall: hits / faulty.length,
        precision: hits + wrong > 0 ? hits / (hits + wrong) : null,
        falseIncidentsPerDay: (24 * wrong) / hours,
      },
    ];
  });
}

/** What an on-call engineer is said to bear. */
const falsePerDayMax = 1;

/**
 * Recall at the threshold that finds most with at most one false incident a day, without
 * interpolation; 0 where every threshold is louder, null where none was recorded. The threshold is
 * chosen on the very trials it is judged on, which flatters a little when they are few.
 */
export function recallAtOneFalsePerDay(groups: readonly (readonly TrialResult[])[]): Figure | null {
  const curve = poolOperatingPoints(groups.flat());
  if (curve.length === 0) return null;
  const bearable = curve.filter(
    ({ falseIncidentsPerDay }) => falseIncidentsPerDay <= falsePerDayMax,
  );
  const most = Math.max(...bearable.map(({ recall }) => recall));
  const chosen = bearable.find(({ recall }) => recall === most)?.threshold;
  return rateFigure(
    groups.map((group) =>
      group.flatMap(({ scorecard }) => {
        const points = scorecard.detection.operatingPoints ?? [];
        if ((points[0]?.truePositive ?? null) === null) return [];
        return [points.find(({ threshold }) => threshold === chosen)?.truePositive ?? 0];
      }),
    ),
  );
}
