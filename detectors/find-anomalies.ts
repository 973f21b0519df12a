import type {
  Anomaly,
  Detector,
  MetricsFrame,
  SeriesDescriptor,
} from '../core/observable/index.ts';

/** Scores a frame and lists what reaches the detector's threshold, in column order. */
export function findAnomalies(detector: Detector, frame: MetricsFrame): Anomaly[] {
  const { scores, expected, zScores } = detector.score(frame);
  const { threshold, name } = detector;
  const anomalies: Anomaly[] = [];
  for (let i = 0; i < scores.length; i += 1) {
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
  return anomalies;
}
