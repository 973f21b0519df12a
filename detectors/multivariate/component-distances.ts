import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { mapRows } from './row-model.ts';
import { RowScaler } from './row-scaler.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Components are kept until they explain this share of the variance. */
const explainedShare = 0.9;
/** A kept component varies at least this much, in squared standard deviations. */
const varianceFloor = 1e-3;
/** Added to every variance of the Mahalanobis distance: small ones are mostly luck. */
const ridge = 0.1;

/**
 * How far a standardised row is from the middle, in four ways. `spe`: squared distance from the
 * components that explain 90 % of the variance. `t2`: Hotelling's T^2 within these. `mahalanobis`:
 * squared, over all components, variances raised by a tenth. `total`: sum of squares.
 */
export interface Distances {
  readonly spe: number;
  readonly t2: number;
  readonly mahalanobis: number;
  readonly total: number;
}

/** Principal components of standardised rows. Fit O(rows columns^2), measure O(columns^2). */
export class ComponentDistances implements StatePart {
  readonly #scaler = new RowScaler();
  #vectors: Float64Array = new Float64Array(0);
  #variances: Float64Array = new Float64Array(0);
  #kept = 0;
  #z = new Float64Array(0);
  readonly #out = { spe: 0, t2: 0, mahalanobis: 0, total: 0 };

  get columns(): number {
    return this.#scaler.columns;
  }

  fit(rows: Float64Array, columns: number): void {
    this.#scaler.fit(rows, columns);
    this.#z = new Float64Array(columns);
    const { values, vectors } = symmetricEigen(this.#covariance(rows, columns), columns);
    const total = values.reduce((sum, value) => sum + value, 0);
    let explained = 0;
    this.#kept = 0;
    while (this.#kept < columns && explained < explainedShare * total) {
      explained += values[this.#kept]!;
      this.#kept += 1;
    }
    this.#variances = values.map((value) => Math.max(value, varianceFloor));
    this.#vectors = vectors;
  }

  /** Valid until the next call. */
  measure(row: Float64Array): Distances {
    const z = this.#z;
    const columns = z.length;
    const out = this.#out;
    this.#scaler.apply(row, z);
    out.spe = 0;
    out.t2 = 0;
    out.mahalanobis = 0;
    out.total = 0;
    for (let k = 0; k < columns; k += 1) {
      let along = 0;
      for (let i = 0; i < columns; i += 1) along += z[i]! * this.#vectors[k * columns + i]!;
      const squared = along * along;
      const variance = this.#variances[k]!;
      if (k < this.#kept) out.t2 += squared / variance;
      else out.spe += squared;
      out.mahalanobis += squared / (variance + ridge);
      out.total += squared;
    }
    return out;
  }

  writeState(writer: StateWriter): void {
    this.#scaler.writeState(writer);
    writer.array(this.#vectors);
    writer.array(this.#variances);
    writer.integer(this.#kept);
  }

  readState(reader: StateReader): void {
    this.#scaler.readState(reader);
    this.#vectors = reader.float64s();
    this.#variances = reader.float64s();
    this.#kept = reader.integer();
    this.#z = new Float64Array(this.#scaler.columns);
  }

  #covariance(rows: Float64Array, columns: number): Float64Array {
    const covariance = new Float64Array(columns * columns);
    const z = this.#z;
    const { length } = mapRows(rows, columns, (row) => {
      this.#scaler.apply(row, z);
      for (let i = 0; i < columns; i += 1) {
        const zi = z[i]!;
        if (zi === 0) continue;
        for (let j = i; j < columns; j += 1) covariance[i * columns + j]! += zi * z[j]!;
      }
      return 0;
    });
    for (let i = 0; i < columns; i += 1) {
      for (let j = i; j < columns; j += 1) {
        const value = covariance[i * columns + j]! / Math.max(1, length - 1);
        covariance[i * columns + j] = value;
        covariance[j * columns + i] = value;
      }
    }
    return covariance;
  }
}
