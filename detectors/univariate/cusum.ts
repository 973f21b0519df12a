import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Baseline } from './baseline.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface CusumOptions {
  /** Half the shift to be found, in standard deviations. */
  readonly slack: number;
  /** The sums start again from 0 beyond this. */
  readonly resetAt: number;
  readonly baselinePoints: number;
}

const cusumDefaults: CusumOptions = { slack: 0.5, resetAt: 30, baselinePoints: 1000 };
/** No single value moves a sum further than this. */
const clipDeviations = 4;

/**
 * Two-sided CUSUM of standardised values. Finds lasting shifts of a standard deviation within about
 * ten values; deaf to single spikes by design, and autocorrelation makes its sums wander. O(1).
 * Page 1954.
 */
export class Cusum implements PointStatistic {
  readonly #options: CusumOptions;
  readonly #baseline: Baseline;
  #up = 0;
  #down = 0;

  constructor(options: Partial<CusumOptions> = {}) {
    this.#options = { ...cusumDefaults, ...options };
    this.#baseline = new Baseline(this.#options.baselinePoints);
  }

  statistic(value: number): number {
    const size = this.#size(value);
    return Math.max(added(this.#up, size, this.#options), added(this.#down, -size, this.#options));
  }

  expected(): number {
    return this.#baseline.level;
  }

  learn(value: number): void {
    if (this.#baseline.isReady) {
      const size = this.#size(value);
      const up = added(this.#up, size, this.#options);
      const down = added(this.#down, -size, this.#options);
      const isOver = Math.max(up, down) > this.#options.resetAt;
      this.#up = isOver ? 0 : up;
      this.#down = isOver ? 0 : down;
    }
    this.#baseline.learn(value);
  }

  writeState(writer: StateWriter): void {
    writer.number(this.#up);
    writer.number(this.#down);
    this.#baseline.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#up = reader.number();
    this.#down = reader.number();
    this.#baseline.readState(reader);
  }

  #size(value: number): number {
    const size = this.#baseline.standardise(value);
    return Math.max(-clipDeviations, Math.min(clipDeviations, size));
  }
}

function added(sum: number, size: number, { slack }: CusumOptions): number {
  return Math.max(0, sum + size - slack);
}
