import type { PointDetector, PointVerdict } from './point-verdict.ts';
import { verdictOf } from './point-verdict.ts';
import { RecordPeak } from './record-peak.ts';
import type { SeriesCoreOptions } from './series-core.ts';
import { SeriesCore } from './series-core.ts';

export interface SeriesSurpriseOptions extends Partial<SeriesCoreOptions> {
  readonly warmUpPoints?: number;
  /** Alarm at this sum of -log10 p over the views. */
  readonly threshold?: number;
  /** Only a record of this long a time alarms; 0 lets every value speak. */
  readonly recordMs?: number;
}

/**
 * The default stack's view of one series, without catalogue, topology or persistence: its surprise.
 */
export class SeriesSurprise implements PointDetector {
  readonly threshold: number;
  readonly #core: SeriesCore;
  readonly #warmUpPoints: number;
  readonly #records: RecordPeak | null;

  constructor(options: SeriesSurpriseOptions = {}) {
    const { warmUpPoints = 40, threshold = 12, recordMs = 12 * 3_600_000, ...core } = options;
    this.threshold = threshold;
    this.#warmUpPoints = warmUpPoints;
    this.#records = recordMs > 0 ? new RecordPeak(recordMs) : null;
    this.#core = new SeriesCore(core);
    this.#core.grow(1);
  }

  score(value: number, atMs: number): PointVerdict {
    const surprise = this.#surprise(value);
    const isTold =
      Number.isNaN(surprise) || !this.#records || this.#records.isRecord(surprise, atMs);
    return verdictOf({ atMs, value }, isTold ? surprise : 0, this.threshold);
  }

  learn(value: number, atMs: number): void {
    if (Number.isNaN(value)) return;
    const surprise = this.#surprise(value);
    if (!Number.isNaN(surprise)) this.#records?.learn(surprise, atMs);
    this.#core.learn(0, value);
  }

  #surprise(value: number): number {
    return this.#core.count(0) < this.#warmUpPoints ? Number.NaN : this.#core.surprise(0, value);
  }
}
