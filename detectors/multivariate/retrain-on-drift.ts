import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { Adwin } from './adwin.ts';
import { mapRows, type RowDetector, type RowModel } from './row-model.ts';

export interface RetrainOnDriftOptions {
  /** Rows waited for after a drift, and then gathered to train a candidate. */
  readonly recentRows?: number;
  /** Rows of the first fit that are kept to train and to validate candidates. */
  readonly referenceRows?: number;
}

/** Every so manieth row is held out of a candidate's training, to validate it. */
const holdOutEvery = 5;
/** A candidate's mean surprise on held-out healthy rows may exceed the model's by this share. */
const toleratedLoss = 0.1;
/** ADWIN gets means over so many rows, which depend less on each other than rows do. */
const blockRows = 32;
/** Surprise beyond this says no more about the scale: an outage is not a drift. */
const surpriseMax = 3;

/** What became of candidates so far. */
export interface RetrainingRecord {
  readonly drifts: number;
  readonly accepted: number;
  readonly refused: number;
}

/**
 * Keeps a model of rows up to date. ADWIN watches the model's surprise; when its mean changes,
 * recent rows are gathered and a candidate is trained on them and on rows of the first fit. It
 * takes over only if it is no worse on held-out healthy rows and better on held-out recent ones.
 * What lasts for the whole gathering becomes ordinary, so faults must be shorter. One fit per
 * drift.
 */
export class RetrainOnDrift implements RowDetector {
  readonly #create: () => RowModel & Partial<Pick<RowDetector, 'learn'>>;
  readonly #recentRows: number;
  readonly #referenceRows: number;
  #model: RowModel & Partial<Pick<RowDetector, 'learn'>>;
  #adwin = newWatch();
  #columns = 0;
  #reference = new Float64Array(0);
  #recent = new Float64Array(0);
  /** Rows seen since the drift; -1 while there is none. */
  #gathered = -1;
  /** Sum and number of the scores of the block under way. */
  #block = Float64Array.of(0, 0);
  #record = { drifts: 0, accepted: 0, refused: 0 };

  constructor(
    create: () => RowModel & Partial<Pick<RowDetector, 'learn'>>,
    options: RetrainOnDriftOptions = {},
  ) {
    this.#create = create;
    this.#model = create();
    this.#recentRows = options.recentRows ?? 360;
    this.#referenceRows = options.referenceRows ?? 4096;
  }

  get record(): RetrainingRecord {
    return { ...this.#record };
  }

  fit(rows: Float64Array, columns: number): Float64Array {
    this.#columns = columns;
    this.#reference = thinned(rows, columns, this.#referenceRows);
    this.#recent = new Float64Array(this.#recentRows * columns);
    this.#gathered = -1;
    this.#adwin = newWatch();
    this.#block.fill(0);
    this.#model = this.#create();
    const scores = this.#model.fit(rows, columns);
    for (const score of scores) this.#watch(score);
    return scores;
  }

  score(row: Float64Array): number {
    return this.#model.score(row);
  }

  learn(row: Float64Array): void {
    if (this.#columns === 0) return;
    const hasDrifted = this.#watch(this.#model.score(row));
    this.#model.learn?.(row);
    if (this.#gathered < 0 && hasDrifted) {
      this.#gathered = 0;
      this.#record.drifts += 1;
    }
    if (this.#gathered < 0) return;
    // The first half of the wait is not gathered: a fault that ends in time leaves no trace.
    const at = this.#gathered - this.#recentRows;
    if (at >= 0) this.#recent.set(row, at * this.#columns);
    this.#gathered += 1;
    if (this.#gathered === 2 * this.#recentRows) this.#challenge();
  }

  writeState(writer: StateWriter): void {
    this.#model.writeState(writer);
    this.#adwin.writeState(writer);
    writer.integer(this.#columns);
    writer.arrays([this.#reference, this.#recent, this.#block]);
    writer.number(this.#gathered);
    writer.plain(this.#record);
  }

  readState(reader: StateReader): void {
    this.#model.readState(reader);
    this.#adwin.readState(reader);
    this.#columns = reader.integer();
    const [reference, recent, block] = reader.arrays((one) => one.float64s());
    this.#reference = reference!;
    this.#recent = recent!;
    this.#block = block!;
    this.#gathered = reader.number();
    this.#record = reader.plain();
  }

  #watch(score: number): boolean {
    if (Number.isNaN(score)) return false;
    this.#block[0]! += Math.min(score, surpriseMax);
    this.#block[1]! += 1;
    if (this.#block[1]! < blockRows) return false;
    const mean = this.#block[0]! / blockRows;
    this.#block.fill(0);
    return this.#adwin.add(mean);
  }

  /** Trains a candidate and lets it take over if it earns it. */
  #challenge(): void {
    const columns = this.#columns;
    const healthy = split(this.#reference, columns);
    const recent = split(this.#recent, columns);
    const candidate = this.#create();
    candidate.fit(joined(healthy.train, recent.train), columns);
    const meanOf = (model: StatePart & RowModel, rows: Float64Array): number =>
      meanKnown(mapRows(rows, columns, (row) => Math.min(model.score(row), surpriseMax)));
    const isNoWorse =
      meanOf(candidate, healthy.held) <= (1 + toleratedLoss) * meanOf(this.#model, healthy.held);
    const isBetter = meanOf(candidate, recent.held) < meanOf(this.#model, recent.held);
    this.#gathered = -1;
    this.#record[isNoWorse && isBetter ? 'accepted' : 'refused'] += 1;
    if (!isNoWorse || !isBetter) return;
    this.#model = candidate;
    this.#adwin = newWatch();
    this.#reference = thinned(joined(this.#reference, this.#recent), columns, this.#referenceRows);
  }
}

/** A test at every value: they are means already. */
function newWatch(): Adwin {
  return new Adwin({ testEvery: 1 });
}

/** Every so manieth row, so that at most `rowsMax` are left. */
function thinned(rows: Float64Array, columns: number, rowsMax: number): Float64Array<ArrayBuffer> {
  const count = Math.floor(rows.length / columns);
  const kept = Math.min(count, rowsMax);
  const out = new Float64Array(kept * columns);
  for (let i = 0; i < kept; i += 1) {
    const from = Math.floor((i * count) / kept) * columns;
    out.set(rows.subarray(from, from + columns), i * columns);
  }
  return out;
}

function split(
  rows: Float64Array,
  columns: number,
): { readonly train: Float64Array; readonly held: Float64Array } {
  const train: number[] = [];
  const held: number[] = [];
  mapRows(rows, columns, (row, i) => {
    const side = i % holdOutEvery === holdOutEvery - 1 ? held : train;
    for (const value of row) side.push(value);
    return 0;
  });
  return { train: Float64Array.from(train), held: Float64Array.from(held) };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function meanKnown(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}
