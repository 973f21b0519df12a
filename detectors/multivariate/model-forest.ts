import { quantile, UsageError } from '../../core/tools/index.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import type { Forest } from '../forest/isolation-forest.ts';
import type { RowModel } from './row-model.ts';

/** Share of the training rows taken for anomalous. */
const contamination = 0.01;

/** A model of rows behind the verbs of a forest, for detectors that train one per service. */
export class ModelForest implements Forest {
  readonly #model: RowModel;
  #cut = Number.NaN;

  constructor(model: RowModel) {
    this.#model = model;
  }

  get cut(): number {
    return this.#cut;
  }

  train(data: Float64Array, columns: number): Float64Array {
    const scores = this.#model.fit(data, columns);
    this.#cut = Math.max(quantile(scores, 1 - contamination), 1e-9);
    return scores;
  }

  predict(row: ArrayLike<number>): number {
    if (Number.isNaN(this.#cut)) {
      throw new UsageError('row model: predict was called before train');
    }
    return this.#model.score(row as Float64Array);
  }

  writeState(writer: StateWriter): void {
    this.#model.writeState(writer);
    writer.number(this.#cut);
  }

  readState(reader: StateReader): void {
    this.#model.readState(reader);
    this.#cut = reader.number();
  }
}
