import type { FrameScores, MetricsFrame, SeriesCurve } from '../../core/observable/index.ts';

/** Deviations between the expected value and either edge of the band. */
const bandDeviations = 3;
/** Memory of the band's width in values, and standard deviations per mean absolute deviation. */
const distancePoints = 120;
const distanceToDeviation = 1.2533;
/** Charts of more points than this are thinned out to about as many. */
const pointsMax = 3000;

interface Track {
  readonly atMs: number[];
  readonly values: number[];
  readonly expected: number[];
  /** The mean distance from what was expected, of late and without anomalies. */
  readonly distance: number[];
  /** Positions of the anomalies in the arrays. */
  readonly anomalies: number[];
}

/**
 * Remembers what was seen and expected of every series, for its chart; the band is as wide as
 * values used to be away from what was expected, whatever the detector means by a deviation.
 */
export class CurveRecorder {
  readonly #tracks: Track[] = [];

  observe(frame: MetricsFrame, scores: FrameScores, threshold: number): void {
    for (const [column, value] of frame.values.entries()) {
      this.#tracks[column] ??= { atMs: [], values: [], expected: [], distance: [], anomalies: [] };
      const track = this.#tracks[column];
      const expected = scores.expected[column] as number;
      const isAnomaly = (scores.scores[column] as number) >= threshold;
      if (isAnomaly) track.anomalies.push(track.values.length);
      const before = track.distance.at(-1) ?? Number.NaN;
      const distance = Math.abs(value - expected);
      const gain = 1 / Math.min(track.values.length + 1, distancePoints);
      const after = Number.isNaN(before) ? distance : before + gain * (distance - before);
      track.atMs.push(frame.atMs);
      track.values.push(value);
      track.expected.push(expected);
      track.distance.push(isAnomaly || Number.isNaN(distance) ? before : after);
    }
  }

  points(column: number): number {
    const values = this.#tracks[column]?.values ?? [];
    return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
  }

  anomalies(column: number): number {
    return this.#tracks[column]?.anomalies.length ?? 0;
  }

  curve(column: number): Pick<SeriesCurve, 'atMs' | 'values' | 'low' | 'high' | 'anomalies'> {
    const track = this.#tracks[column] as Track;
    const kept = thinOut(track);
    // What has never been negative is a quantity that cannot be.
    const floor = track.values.some((value) => value < 0) ? Number.NEGATIVE_INFINITY : 0;
    const edge = (side: number): (number | null)[] =>
      kept.map((i) => {
        const expected = track.expected[i] as number;
        const deviation = distanceToDeviation * (track.distance[i] as number);
        return orNull(Math.max(floor, expected + side * bandDeviations * deviation));
      });
    return {
      atMs: kept.map((i) => track.atMs[i] as number),
      values: kept.map((i) => orNull(track.values[i] as number)),
      low: edge(-1),
      high: edge(1),
      anomalies: track.anomalies.map((i) => ({
        atMs: track.atMs[i] as number,
        value: track.values[i] as number,
      })),
    };
  }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Positions to show: all, or the lowest and highest of each stretch, and every anomaly. */
function thinOut({ values, anomalies }: Track): number[] {
  if (values.length <= pointsMax) return values.map((_, i) => i);
  const stretch = Math.ceil((2 * values.length) / pointsMax);
  const kept = new Set<number>(anomalies);
  for (let from = 0; from < values.length; from += stretch) {
    let low = from;
    let high = from;
    for (let i = from; i < Math.min(values.length, from + stretch); i += 1) {
      if (!((values[i] as number) >= (values[low] as number))) low = i;
      if (!((values[i] as number) <= (values[high] as number))) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}
