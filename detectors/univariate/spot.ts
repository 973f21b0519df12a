import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { PeaksOverThreshold, type PeaksOverThresholdOptions } from './peaks-over-threshold.ts';
import type { PointStatistic } from './point-statistic.ts';

export interface SpotOptions extends Partial<PeaksOverThresholdOptions> {
  /** Values whose mean is taken off first (DSPOT); 0 takes nothing off (SPOT). */
  readonly driftPoints?: number;
}

/** Two sides: each may alarm. */
const sidesPenalty = Math.log10(2);

/**
 * SPOT on both sides of a series, in -log10 p; with `driftPoints` DSPOT, on the distance from the
 * mean of so many last values. Finds extremes of a steady series; season fills the tails and hides
 * them, and a lasting shift alarms for a hundred values. O(1) but at peaks. Siffer et al. 2017.
 */
export class Spot implements PointStatistic {
  readonly #upper: PeaksOverThreshold;
  readonly #lower: PeaksOverThreshold;
  readonly #driftPoints: number;
  /** Ring of the last values and its sum. */
  #window: Float64Array<ArrayBuffer>;
  #sum = 0;
  #seen = 0;

  constructor(options: SpotOptions = {}) {
    const { driftPoints = 0, ...tail } = options;
    this.#upper = new PeaksOverThreshold(tail);
    this.#lower = new PeaksOverThreshold(tail);
    this.#driftPoints = driftPoints;
    this.#window = new Float64Array(driftPoints);
  }

  statistic(value: number): number {
    const distance = value - this.#level();
    const upper = this.#upper.surprise(distance);
    return Math.max(0, Math.max(upper, this.#lower.surprise(-distance)) - sidesPenalty);
  }

  expected(): number {
    return this.#driftPoints > 0 ? this.#level() : Number.NaN;
  }

  learn(value: number): void {
    const distance = value - this.#level();
    this.#upper.learn(distance);
    this.#lower.learn(-distance);
    const size = this.#driftPoints;
    if (size === 0) return;
    const at = this.#seen % size;
    this.#seen += 1;
    this.#sum += value - this.#window[at]!;
    this.#window[at] = value;
    // Summed anew once per turn of the ring, so that rounding cannot add up.
    if (at === size - 1) this.#sum = this.#window.reduce((sum, one) => sum + one, 0);
  }

  writeState(writer: StateWriter): void {
    this.#upper.writeState(writer);
    this.#lower.writeState(writer);
    writer.array(this.#window);
    writer.number(this.#sum);
    writer.number(this.#seen);
  }

  readState(reader: StateReader): void {
    this.#upper.readState(reader);
    this.#lower.readState(reader);
    this.#window = reader.float64s();
    this.#sum = reader.number();
    this.#seen = reader.number();
  }

  #level(): number {
    if (this.#driftPoints === 0) return 0;
    return this.#seen >= this.#driftPoints ? this.#sum / this.#driftPoints : Number.NaN;
  }
}
