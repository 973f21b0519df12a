import type { PointDetector } from '../univariate/point-verdict.ts';
import { mapRows, type RowScorer } from './row-model.ts';

/** The mean surprise over all columns, each watched by a univariate detector of its own. */
export class ColumnWise implements RowScorer {
  readonly #create: () => PointDetector;
  #detectors: PointDetector[] = [];

  constructor(create: () => PointDetector) {
    this.#create = create;
  }

  /** The scores of the rows, each before it was learned. */
  fit(rows: Float64Array, columns: number): Float64Array {
    this.#detectors = Array.from({ length: columns }, this.#create);
    return mapRows(rows, columns, (row) => {
      const score = this.score(row);
      this.learn(row);
      return score;
    });
  }

  score(row: Float64Array): number {
    let [sum, count] = [0, 0];
    for (let i = 0; i < this.#detectors.length; i += 1) {
      const { score } = this.#detectors[i]!.score(row[i]!, 0);
      if (Number.isNaN(score)) continue;
      sum += score;
      count += 1;
    }
    return count > 0 ? sum / count : Number.NaN;
  }

  learn(row: Float64Array): void {
    for (let i = 0; i < this.#detectors.length; i += 1) this.#detectors[i]!.learn(row[i]!, 0);
  }
}
