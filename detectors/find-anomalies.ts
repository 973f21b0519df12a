import type {
  Anomaly,
  Detector,
  MetricsFrame,
  SeriesDescriptor,
} from '../core/observable/index.ts';
import { rangeLength } from './column-ranges.ts';

/** What a detector makes of one frame. */
export interface FrameFindings {
  /** What reaches the detector's threshold, in column order. */
  readonly anomalies: Anomaly[];
  /**
   * The frame's highest score in units of the threshold, 0 when there is no opinion on anything.
   */
  readonly strength: number;
}

/** Scores a frame; the detector learns nothing. */
export function judgeFrame(detector: Detector, frame: MetricsFrame): FrameFindings {
  const { scores, expected, zScores } = detector.score(frame);
  const { threshold, name } = detector;
  const anomalies: Anomaly[] = [];
  let highest = 0;
  for (let from = 0; from < scores.length; from += rangeLength) {
    const range = scores.subarray(from, from + rangeLength);
    const highestHere = highestOf(range);
    highest = Math.max(highest, highestHere);
    if (!(highestHere >= threshold)) continue;
    for (let i = from; i < from + range.length; i += 1) {
      if (!(scores[i]! >= threshold)) continue;
      const { signal, component, labels } = frame.index.series[i] as SeriesDescriptor;
      anomalies.push({
        atMs: frame.atMs,
        component,
        signal,
        labels,
        value: frame.values[i]!,
        expected: expected[i]!,
        zScore: zScores[i]!,
        detector: name,
      });
    }
  }
  return { anomalies, strength: highest / threshold };
}

/** The highest of some scores, 0 when there is none. */
function highestOf(scores: Float64Array): number {
  let highest = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const score = scores[i]!;
    if (score > highest) highest = score;
  }
  return highest;
}

/** The anomalies of {@link judgeFrame}. */
export function findAnomalies(detector: Detector, frame: MetricsFrame): Anomaly[] {
  return judgeFrame(detector, frame).anomalies;
}
