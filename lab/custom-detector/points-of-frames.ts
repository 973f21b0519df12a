import type { Detector, MetricsFrame } from '../../core/observable/index.ts';
import type { PointDetector, PointVerdict } from '../../detectors/index.ts';

const index: MetricsFrame['index'] = {
  series: [{ signal: 'request_rate', component: 'service/series', labels: { service: 'series' } }],
};

/** A frame detector on a single series: each value is a frame of one column. */
export class PointsOfFrames implements PointDetector {
  readonly threshold: number;
  readonly #detector: Detector;
  /** The last frame: `learn` gets the very one that was scored. */
  #frame: MetricsFrame = frameOf(Number.NaN, Number.NaN);

  constructor(detector: Detector) {
    this.#detector = detector;
    this.threshold = detector.threshold;
  }

  score(value: number, atMs: number): PointVerdict {
    const score = this.#detector.score(this.#frameOf(value, atMs)).scores[0] as number;
    const isAnomaly = score >= this.threshold;
    const verdict = isAnomaly ? 'anomaly' : Number.isNaN(score) ? 'warming_up' : 'normal';
    return { atMs, value, score, verdict };
  }

  learn(value: number, atMs: number): void {
    this.#detector.learn(this.#frameOf(value, atMs));
  }

  #frameOf(value: number, atMs: number): MetricsFrame {
    if (this.#frame.atMs !== atMs || !Object.is(this.#frame.values[0], value)) {
      this.#frame = frameOf(value, atMs);
    }
    return this.#frame;
  }
}

function frameOf(value: number, atMs: number): MetricsFrame {
  return { atMs, index, values: Float64Array.of(value) };
}
