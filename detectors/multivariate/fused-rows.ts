import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { ComponentDistances } from './component-distances.ts';
import { mapRows, type RowDetector } from './row-model.ts';
import { TailCalibration } from './tail-calibration.ts';

/** The views that are fused, each in the surprise of its own healthy tail. */
const views = ['spe', 'mahalanobis', 'total'] as const;
const weights = [0.4, 0.4, 0.2] as const;
/** Surprise beyond this is as good as certain; more would only make an alarm outlive its cause. */
const surpriseMax = 16;
/** Rows are left out of a fit in so many blocks, to see how high a healthy row can get. */
const folds = 3;
/** With fewer rows per fold there is no fit without them. */
const foldRowsMin = 20;
/** Weights of the newest row in the two running means that make up the score. */
const rates = [0.3, 0.1] as const;

/**
 * The default for rows of metrics: distance from the principal components, regularised Mahalanobis
 * distance and sum of squares, each as surprise (-log10 p) by a tail fitted to healthy rows that
 * were held out; their weighted mean is smoothed over about three and ten rows. What lasts counts
 * for more than a spike; an alarm outlives its cause by some rows. Blind to shapes in time. Fit
 * four times O(rows columns^2), score O(columns^2).
 */
export class FusedRows implements RowDetector {
  readonly #distances = new ComponentDistances();
  readonly #tails = views.map(() => new TailCalibration());
  #means = new Float64Array(rates.length);

  /** The scores of the rows, each held out of the fit that it was scored with. */
  fit(rows: Float64Array, columns: number): Float64Array {
    const heldOut = heldOutDistances(rows, columns);
    this.#tails.forEach((tail, view) => {
      tail.fit(heldOut[view]!);
    });
    this.#distances.fit(rows, columns);
    this.#means.fill(0);
    return heldOut[0]!.map((_, row) => {
      const surprise = this.#surprise(heldOut.map((distances) => distances[row]!));
      this.#smooth(surprise);
      return this.#scoreWith(null);
    });
  }

  score(row: Float64Array): number {
    return this.#distances.columns === 0 ? Number.NaN : this.#scoreWith(this.#surpriseOf(row));
  }

  learn(row: Float64Array): void {
    if (this.#distances.columns > 0) this.#smooth(this.#surpriseOf(row));
  }

  writeState(writer: StateWriter): void {
    this.#distances.writeState(writer);
    for (const tail of this.#tails) tail.writeState(writer);
    writer.array(this.#means);
  }

  readState(reader: StateReader): void {
    this.#distances.readState(reader);
    for (const tail of this.#tails) tail.readState(reader);
    this.#means = reader.float64s();
  }

  #surpriseOf(row: Float64Array): number {
    const distances = this.#distances.measure(row);
    return this.#surprise(views.map((view) => distances[view]));
  }

  #surprise(distances: readonly number[]): number {
    let sum = 0;
    for (let i = 0; i < views.length; i += 1) {
      sum += weights[i]! * Math.min(this.#tails[i]!.surprise(distances[i]!), surpriseMax);
    }
    return sum;
  }

  /** The mean of the running means, with the newest surprise taken in unless it is already. */
  #scoreWith(surprise: number | null): number {
    let sum = 0;
    for (let i = 0; i < rates.length; i += 1) {
      const mean = this.#means[i]!;
      sum += surprise === null ? mean : mean + rates[i]! * (surprise - mean);
    }
    return sum / rates.length;
  }

  #smooth(surprise: number): void {
    for (let i = 0; i < rates.length; i += 1) {
      this.#means[i]! += rates[i]! * (surprise - this.#means[i]!);
    }
  }
}

/** Per view the distance of every row from a fit to the other blocks. */
function heldOutDistances(rows: Float64Array, columns: number): Float64Array[] {
  const count = Math.floor(rows.length / columns);
  const out = views.map(() => new Float64Array(count));
  const blocks = count >= folds * foldRowsMin ? folds : 1;
  for (let block = 0; block < blocks; block += 1) {
    const from = Math.floor((count * block) / blocks);
    const until = Math.floor((count * (block + 1)) / blocks);
    const held = rows.subarray(from * columns, until * columns);
    const distances = new ComponentDistances();
    distances.fit(blocks === 1 ? rows : without(rows, { from, until, columns }), columns);
    mapRows(held, columns, (row, i) => {
      const measured = distances.measure(row);
      for (let view = 0; view < views.length; view += 1) {
        out[view]![from + i] = measured[views[view]!];
      }
      return 0;
    });
  }
  return out;
}

function without(
  rows: Float64Array,
  { from, until, columns }: { from: number; until: number; columns: number },
): Float64Array {
  const rest = new Float64Array(rows.length - (until - from) * columns);
  rest.set(rows.subarray(0, from * columns));
  rest.set(rows.subarray(until * columns), from * columns);
  return rest;
}
