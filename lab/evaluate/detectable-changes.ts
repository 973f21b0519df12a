import type { EvaluationFigures, Figure, PairedMeasure } from '../../core/truth/index.ts';
import { minimumDetectableChange } from '../statistics/statistics-paired.ts';

/** A 95 % interval is this many standard errors wide. */
const intervalWidth = 3.92;

/**
 * The smallest change that two evaluations of this size would show. They are taken as independent:
 * common seeds show smaller ones, and a comparison of two says by how much.
 */
export function detectableChanges({
  detection,
  diagnosis,
  healing,
}: EvaluationFigures): Record<PairedMeasure, number | null> {
  const change = ({ low, high }: Figure): number | null =>
    low === null || high === null
      ? null
      : minimumDetectableChange((Math.SQRT2 * (high - low)) / intervalWidth);
  return {
    recall: change(detection.recall),
    falseIncidentsPerDay: change(detection.falseIncidentsPerDay),
    timeToDetectMs: change(detection.timeToDetectMs),
    top1: change(diagnosis.top1),
    recovered: change(healing.recovered),
  };
}
