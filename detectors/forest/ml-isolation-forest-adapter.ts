import { IsolationForest as PackageForest } from 'ml-isolation-forest';
import { createStream, quantile, UsageError } from '../../core/tools/index.ts';
import type { Forest, IsolationForestOptions } from './isolation-forest.ts';
import { untrainedForestError } from './isolation-forest.ts';

/**
 * The `ml-isolation-forest` package behind our verbs: the baseline. It grows every tree from all
 * rows, and its only source of chance is `Math.random`, so that is exchanged for a named stream
 * while it trains, synchronously, and put back whatever happens.
 */
export class MlIsolationForest implements Forest {
  readonly #seed: number;
  readonly #trees: number;
  readonly #contamination: number;
  #trained = 0;
  #forest: PackageForest | undefined;
  #cut = Number.NaN;

  constructor(options: IsolationForestOptions = {}) {
    this.#seed = options.seed ?? 1;
    this.#trees = options.trees ?? 100;
    this.#contamination = options.contamination ?? 0.01;
  }

  get cut(): number {
    return this.#cut;
  }

  train(data: Float64Array, columns: number): Float64Array {
    const rows = Array.from({ length: Math.floor(data.length / columns) }, (_, row) =>
      Array.from(data.subarray(row * columns, (row + 1) * columns)),
    );
    if (rows.length < 2) {
      throw new UsageError(`isolation forest: expected at least two rows, got ${rows.length}`);
    }
    const stream = createStream(this.#seed, `ml-isolation-forest-${this.#trained}`);
    this.#trained += 1;
    const forest = new PackageForest({ nEstimators: this.#trees });
    const { random } = Math;
    Math.random = stream.next;
    try {
      forest.train(rows);
    } finally {
      Math.random = random;
    }
    this.#forest = forest;
    const scores = Float64Array.from(forest.predict(rows));
    this.#cut = quantile(scores, 1 - this.#contamination);
    return scores;
  }

  predict(row: ArrayLike<number>): number {
    if (!this.#forest) throw untrainedForestError();
    return this.#forest.predict([Array.from(row)])[0]!;
  }
}
