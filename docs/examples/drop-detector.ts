import type { Detector, FrameScores, MetricsFrame } from '../../core/observable/index.ts';

/** Values averaged over, and the fraction of the average below which a value is an alarm. */
const memory = 20;
const share = 0.5;

/** Alarms when a series falls below half of its recent average. */
class DropDetector implements Detector {
  readonly name: string;
  /** Score 1 is an alarm: the value has fallen by the whole of `1 - share`. */
  readonly threshold: number = 1;
  #means: number[] = [];
  #counts: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** What the detector thinks of every value; changes nothing that it knows. */
  score({ values }: MetricsFrame): FrameScores {
    const scores = new Float64Array(values.length).fill(Number.NaN);
    const expected = new Float64Array(values.length).fill(Number.NaN);
    const zScores = new Float64Array(values.length).fill(Number.NaN);
    for (const [column, value] of values.entries()) {
      if (Number.isNaN(value) || !((this.#counts[column] ?? 0) >= memory)) continue;
      const mean = this.#means[column] as number;
      const fallen = mean > 0 ? (mean - value) / mean : 0;
      scores[column] = Math.max(0, fallen / (1 - share));
      expected[column] = mean;
      zScores[column] = -fallen / (1 - share);
    }
    return { scores, expected, zScores };
  }

  /** Called with the same frame afterwards; columns are only ever added, at the end. */
  learn({ values }: MetricsFrame): void {
    for (const [column, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const count = (this.#counts[column] ?? 0) + 1;
      const mean = this.#means[column] ?? value;
      this.#counts[column] = count;
      this.#means[column] = mean + (value - mean) / Math.min(count, memory);
    }
  }
}

/** What `--detector` looks for. Equal names and seeds must give equal scores. */
export function createDetector(name: string, _options: { readonly seed: number }): Detector {
  return new DropDetector(name);
}
