import type { Forest } from '../forest/isolation-forest.ts';
import type { RowScorer } from './row-model.ts';

/** A forest as a model of rows; missing values are the mean of their column. */
export class ForestRows implements RowScorer {
  readonly #forest: Forest;
  #means: Float64Array = new Float64Array(0);
  #filled = new Float64Array(0);

  constructor(forest: Forest) {
    this.#forest = forest;
  }

  fit(rows: Float64Array, columns: number): Float64Array {
    this.#means = columnMeans(rows, columns);
    this.#filled = new Float64Array(columns);
    const filled = rows.map((value, i) =>
      Number.isNaN(value) ? this.#means[i % columns]! : value,
    );
    return this.#forest.train(filled, columns);
  }

  score(row: Float64Array): number {
    for (let i = 0; i < row.length; i += 1) {
      this.#filled[i] = Number.isNaN(row[i]!) ? this.#means[i]! : row[i]!;
    }
    return this.#forest.predict(this.#filled);
  }
}

function columnMeans(rows: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, column) => {
    let [sum, count] = [0, 0];
    for (let at = column; at < rows.length; at += columns) {
      if (Number.isNaN(rows[at]!)) continue;
      sum += rows[at]!;
      count += 1;
    }
    return count > 0 ? sum / count : 0;
  });
}
